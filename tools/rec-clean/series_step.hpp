// A step that goes by the earlier and later records of a key: tests in time, and gaps.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "cells.hpp"
#include "pipeline/output.hpp"
#include "pipeline/owed_watermark.hpp"
#include "record/counted.hpp"
#include "record/field_watch.hpp"
#include "record/group_key.hpp"
#include "record/time_field.hpp"

namespace weir::rec_clean {

/// Follows the series of keys. A record whose values depend on later ones waits for them, and the later ones of its
/// series after it, so that their order stays.
class SeriesStep {
 public:
  /// Throws std::invalid_argument on a bad path or zone.
  SeriesStep(const TimeSettings& time, const std::vector<std::string>& by, Cells& cells)
      : time_(time, cells.fields()), by_(by, cells.fields()) {}
  virtual ~SeriesStep() = default;

  FutureGuard& guard() { return time_.guard(); }
  /// Reads the record's time and key. Rejects one without; nothing is kept yet.
  Verdict begin(const Record& record) {
    if (Verdict verdict = time_.read(record, now_); verdict.rejected()) return verdict;
    return by_.read(record, key_);
  }
  /// Finds the series of the record; `found` is false where it is of none. Rejects it where a new key finds no room.
  virtual Verdict find(const Cells& cells, bool& found) = 0;
  /// Sets the current values, and marks where they have to wait. Earlier records that wait for this one are written.
  /// Returns whether its line has to wait: hold() then takes it.
  virtual bool follow(Cells& cells, Output& out) = 0;
  virtual void hold(std::string_view line, Output& out) = 0;
  /// Whether the record is older than another one of its key.
  bool is_late() const { return late_now_; }

  virtual void on_watermark(Time time, Output& out) = 0;
  virtual Time promise(Time time) const = 0;
  virtual void on_end(Output& out) = 0;

  virtual void state(StateArchive& archive) = 0;
  virtual std::vector<NamedField> named_fields() const = 0;
  virtual void add_to(CountReport& report) const = 0;

 protected:
  /// Passes on the watermark that was held back, once nothing waits any more.
  void pay_watermark(Output& out) {
    if (held_ == 0) owed_.pay(out);
  }

  TimeField time_;
  GroupKey by_;
  std::size_t held_ = 0, held_bytes_ = 0;
  std::uint64_t number_ = 0;  ///< of records that wait
  OwedWatermark owed_;

  // the current record
  Time now_{};
  std::string_view key_;
  bool late_now_ = false;
};

}  // namespace weir::rec_clean
