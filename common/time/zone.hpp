// IANA time zones, from the system's own tz database.
#pragma once
#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "time/time_types.hpp"

namespace weir {

/// A wall-clock time in some zone: the same count as Time, of local nanoseconds.
using LocalTime = std::chrono::local_time<Duration>;

/// An IANA time zone such as `Europe/Athens`, or UTC. Cheap to copy: it refers to the process-wide database.
class Zone {
 public:
  /// UTC.
  Zone() = default;

  /// The zone of that name; nothing when the system's database has none. Reads the database at the first call.
  static std::optional<Zone> find(std::string_view name);

  bool is_utc() const { return zone_ == nullptr; }
  std::string name() const;

  /// The wall-clock time there.
  LocalTime to_local(Time time) const;

  /// The point of time of a wall-clock time. One that happens twice (clocks set back) means the earlier; one that never
  /// happens (clocks set forward) means the moment of the change.
  Time to_utc(LocalTime local) const;

 private:
  explicit Zone(const void* zone) : zone_(zone) {}
  const void* zone_ = nullptr;  // date::time_zone; the header stays out of every other translation unit
};

}  // namespace weir
