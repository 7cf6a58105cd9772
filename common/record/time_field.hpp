// The field with a record's time; the same in every tool.
#pragma once
#include <optional>
#include <string>

#include "record/record.hpp"
#include "time/future_guard.hpp"
#include "time/timestamp.hpp"

namespace weir {

/// The options of a record's time.
struct TimeSettings {
  std::string field = "timestamp";
  std::string zone = "UTC";  ///< IANA name of the zone, for timestamps without an offset
  EpochUnit unit = EpochUnit::s;
  Fold fold = Fold::reject;              ///< for local times that come twice
  std::optional<Duration> max_future{};  ///< the limit of the guard against clocks that run ahead; none: no guard
};

/// Reads the time of records. One whose time the guard sets aside is rejected here; LineLoop holds it, and gives it to
/// the stage again when its time is believed.
class TimeField {
 public:
  /// Adds the field to `fields`. Throws std::invalid_argument on a bad path or an unknown zone.
  TimeField(const TimeSettings& settings, FieldSet& fields);

  /// Rejects a record without a usable time; `time` is then undefined.
  Verdict read(const Record& record, Time& time) {
    const Value& value = record[id_];
    const bool readable = value.kind == Kind::string || value.kind == Kind::number;
    if (!readable || !parser_.parse(value.text, time)) return reject(value);
    if (!guard_.admit(time)) return Verdict::reject("set aside");
    return Verdict::ok();
  }

  /// As above, but `time` is empty where the field is missing or null.
  Verdict read(const Record& record, std::optional<Time>& time) {
    time.reset();
    if (!record[id_].present()) return Verdict::ok();
    return read(record, time.emplace());
  }

  /// The guard of these times.
  FutureGuard& guard() { return guard_; }

 private:
  Verdict reject(const Value& value);

  FieldId id_;
  TimeParser parser_;
  FutureGuard guard_;
  std::string name_;
};

}  // namespace weir
