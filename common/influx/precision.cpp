#include "influx/precision.hpp"

#include <algorithm>
#include <array>

namespace weir::influx {
namespace {

struct Names {
  EpochUnit unit;
  std::array<std::string_view, 3> names;  ///< by version
};

constexpr std::array<Names, 4> written{{{EpochUnit::ns, {"n", "ns", "nanosecond"}},
                                        {EpochUnit::us, {"u", "us", "microsecond"}},
                                        {EpochUnit::ms, {"ms", "ms", "millisecond"}},
                                        {EpochUnit::s, {"s", "s", "second"}}}};

}  // namespace

std::optional<EpochUnit> precision_of(std::string_view name) {
  if (name.empty()) return EpochUnit::ns;
  if (name == "m") return EpochUnit::m;
  if (name == "h") return EpochUnit::h;
  for (const auto& [unit, names] : written)
    if (std::find(names.begin(), names.end(), name) != names.end()) return unit;
  return std::nullopt;
}

std::string_view precision_name(EpochUnit unit, Version version) {
  for (const Names& each : written)
    if (each.unit == unit) return each.names.at(static_cast<std::size_t>(version));
  return {};
}

}  // namespace weir::influx
