// The names of units of time in InfluxDB's calls.
#pragma once
#include <cstdint>
#include <optional>
#include <string_view>

#include "time/epoch_unit.hpp"

namespace weir::influx {

/// The calls of a server's version.
enum class Version : std::uint8_t { v1, v2, v3 };

/// The unit of the times of points.
struct Precision {
  /// Nothing: of each time by its magnitude, see unit_of().
  std::optional<EpochUnit> unit = EpochUnit::ns;
};

/// What the parameter `precision` names (`ns`, `n`, `nanosecond`, `us`, `u`, `ms`, `s`, `m`, `h`, `auto` …), ns for an
/// empty name; nothing when there is none.
std::optional<Precision> precision_of(std::string_view name);

/// The unit that InfluxDB 3 takes a time to be in: below 5e9 it is in s, below 5e12 in ms, below 5e15 in us, else in ns
/// (manual of `/api/v3/write_lp`, "Auto precision detection"). That is right for times from 1970-02-28 to 2128.
EpochUnit unit_of(std::int64_t count);

/// The name of a unit, ns to s, in the write call of a version.
std::string_view precision_name(EpochUnit unit, Version version);

}  // namespace weir::influx
