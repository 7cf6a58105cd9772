#include "time/plausible.hpp"

#include <utility>

#include "time/timestamp.hpp"

namespace weir {

bool is_plausible(Time time) {
  constexpr Time first{std::chrono::sys_days(std::chrono::year(1990) / 1 / 1)};
  constexpr Time after{std::chrono::sys_days(std::chrono::year(2100) / 1 / 1)};
  return time >= first && time < after;
}

std::string_view likely_unit(std::string_view digits) {
  constexpr std::pair<EpochUnit, std::string_view> units[] = {
      {EpochUnit::s, "s"}, {EpochUnit::ms, "ms"}, {EpochUnit::us, "us"}, {EpochUnit::ns, "ns"}};
  for (const auto& [unit, name] : units)
    if (const auto time = TimeParser({}, unit).parse_epoch(digits); time && is_plausible(*time)) return name;
  return {};
}

}  // namespace weir
