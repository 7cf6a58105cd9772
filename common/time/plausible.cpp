#include "time/plausible.hpp"

#include <algorithm>
#include <charconv>
#include <iterator>
#include <system_error>
#include <utility>

#include "time/time_format.hpp"

namespace weir {
namespace {

constexpr std::pair<EpochUnit, std::string_view> units[] = {
    {EpochUnit::s, "s"}, {EpochUnit::ms, "ms"}, {EpochUnit::us, "us"}, {EpochUnit::ns, "ns"}};

}  // namespace

bool is_plausible(Time time) {
  constexpr Time first{std::chrono::sys_days(std::chrono::year(1990) / 1 / 1)};
  constexpr Time after{std::chrono::sys_days(std::chrono::year(2100) / 1 / 1)};
  return time >= first && time < after;
}

bool is_plausible_epoch(std::string_view digits, Time time) {
  if (!is_plausible(time)) return false;
  // 2024030109 would be seconds of 2034, and is an hour.
  const bool like_a_year = digits.size() == 10 && (digits.starts_with("19") || digits.starts_with("20"));
  return !like_a_year || likely_format(digits).empty();
}

bool has_far_year(std::string_view text) {
  int year = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + std::min<std::size_t>(text.size(), 4), year);
  return error == std::errc() && end == text.data() + 4 && text.size() > 7 && text[4] == '-' && text[7] == '-' &&
         (year < 1678 || year > 2261);
}

std::string outside_text(EpochUnit unit) {
  const std::string_view name =
      std::find_if(std::begin(units), std::end(units), [&](const auto& each) { return each.first == unit; })->second;
  return std::string("is not a time: in ").append(name).append(" since 1970 it is outside of 1990 to 2100");
}

std::string_view likely_unit(std::string_view digits) {
  for (const auto& [unit, name] : units)
    if (const auto time = TimeParser({}, unit).parse_epoch(digits); time && is_plausible(*time)) return name;
  return {};
}

}  // namespace weir
