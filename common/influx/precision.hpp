// The names of units of time in InfluxDB's calls.
#pragma once
#include <cstdint>
#include <optional>
#include <string_view>

#include "time/epoch_unit.hpp"

namespace weir::influx {

/// The calls of a server's version.
enum class Version : std::uint8_t { v1, v2, v3 };

/// The unit that the parameter `precision` names (`ns`, `n`, `nanosecond`, `us`, `u`, `ms`, `s`, `m`, `h` …), ns for an
/// empty name; nothing when there is none.
std::optional<EpochUnit> precision_of(std::string_view name);

/// The name of a unit, ns to s, in the write call of a version.
std::string_view precision_name(EpochUnit unit, Version version);

}  // namespace weir::influx
