// A watermark that a filter has passed on lowered, and writes once nothing older is still to come.
#pragma once
#include <optional>

#include "pipeline/output.hpp"
#include "record/control.hpp"
#include "state/archive.hpp"
#include "time/time_types.hpp"

namespace weir {

/// Upstream's last watermark, while less of it has been passed on (Filter::promise).
class OwedWatermark {
 public:
  /// Takes upstream's watermark in the place of an earlier one. It is owed when `promised`, what is passed on of it, is
  /// earlier.
  void note(Time time, Time promised) { owed_ = promised < time ? std::optional(time) : std::nullopt; }

  /// Drops it: a later one is passed on in its place.
  void forget() { owed_.reset(); }

  /// Appends the watermark that is owed, if there is one.
  void pay(Output& out) {
    if (!owed_) return;
    append_watermark(out.lines, *owed_);
    owed_.reset();
  }

  /// As pay(), but only when `promise`, the filter's, no longer lowers it. Asked only if one is owed.
  template <typename Promise>
  void pay_when_kept(const Promise& promise, Output& out) {
    if (owed_ && promise(*owed_) == *owed_) pay(out);
  }

  void state(StateArchive& archive) { archive.value(owed_); }

 private:
  std::optional<Time> owed_;
};

}  // namespace weir
