// IANA time zones, from the system's own tz database.
#pragma once
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "time/time_types.hpp"

namespace weir {

/// A wall-clock time in some zone: the same count as Time, of local nanoseconds.
using LocalTime = std::chrono::local_time<Duration>;

/// The meaning of a wall-clock time in a zone.
struct LocalMeaning {
  enum class Kind : std::uint8_t {
    once,
    twice,  ///< clocks were set back past it
    never   ///< clocks were set forward past it
  };
  Kind kind = Kind::once;
  Time first;  ///< `never`: the moment of the change, as in `last`
  Time last;   ///< the later one of `twice`, else the same as `first`
  Time since;  ///< when the zone's offset at `first` began
  Time until;  ///< when the offset at `last` ends
};

/// An IANA time zone such as `Europe/Athens`, or UTC. Cheap to copy: it refers to the process-wide database.
class Zone {
 public:
  /// UTC.
  Zone() = default;

  /// The zone of that name; nothing when the system's database has none. Reads the database at the first call.
  static std::optional<Zone> find(std::string_view name);
  /// As find(). Throws std::invalid_argument when there is none; `what` names the option or column that it comes from.
  static Zone named(std::string_view name, std::string_view what = "--tz");

  bool is_utc() const { return zone_ == nullptr; }
  std::string name() const;

  /// The wall-clock time there.
  LocalTime to_local(Time time) const;

  /// The point of time of a wall-clock time. One that happens twice (clocks set back) means the earlier; one that never
  /// happens (clocks set forward) means the moment of the change.
  Time to_utc(LocalTime local) const;

  /// All points of time that a wall-clock time may mean.
  LocalMeaning meaning(LocalTime local) const;

  /// The zone's abbreviation at a point of time, such as `CEST`.
  std::string abbreviation(Time time) const;

 private:
  explicit Zone(const void* zone) : zone_(zone) {}
  const void* zone_ = nullptr;  // date::time_zone; the header stays out of every other translation unit
};

}  // namespace weir
