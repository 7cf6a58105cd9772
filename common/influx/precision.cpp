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

std::optional<Precision> precision_of(std::string_view name) {
  if (name.empty()) return Precision{};
  if (name == "auto") return Precision{std::nullopt};
  if (name == "m") return Precision{EpochUnit::m};
  if (name == "h") return Precision{EpochUnit::h};
  for (const auto& [unit, names] : written)
    if (std::find(names.begin(), names.end(), name) != names.end()) return Precision{unit};
  return std::nullopt;
}

EpochUnit unit_of(std::int64_t count) {
  const std::uint64_t size = count < 0 ? 0 - static_cast<std::uint64_t>(count) : static_cast<std::uint64_t>(count);
  if (size < 5'000'000'000) return EpochUnit::s;
  if (size < 5'000'000'000'000) return EpochUnit::ms;
  if (size < 5'000'000'000'000'000) return EpochUnit::us;
  return EpochUnit::ns;
}

std::string_view precision_name(EpochUnit unit, Version version) {
  for (const Names& each : written)
    if (each.unit == unit) return each.names.at(static_cast<std::size_t>(version));
  return {};
}

}  // namespace weir::influx
