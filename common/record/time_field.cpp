#include "record/time_field.hpp"

#include <fmt/format.h>

#include <stdexcept>
#include <utility>

namespace weir {
namespace {

constexpr std::size_t most_shown = 40;

/// The token as it came; a long one is cut after a whole character.
std::string shortened(std::string_view token) {
  if (token.size() <= most_shown) return std::string(token);
  std::size_t size = most_shown;
  while (size > 0 && (static_cast<unsigned char>(token[size]) & 0xc0U) == 0x80U) --size;
  return std::string(token.substr(0, size)) + "…";
}

/// The option that makes a time of 1990 to 2100 of a number, or nothing.
std::string_view likely_unit(std::string_view digits) {
  constexpr Time first{std::chrono::sys_days(std::chrono::year(1990) / 1 / 1)};
  constexpr Time last{std::chrono::sys_days(std::chrono::year(2100) / 1 / 1)};
  constexpr std::pair<EpochUnit, std::string_view> units[] = {{EpochUnit::s, "--time-unit s"},
                                                              {EpochUnit::ms, "--time-unit ms"},
                                                              {EpochUnit::us, "--time-unit us"},
                                                              {EpochUnit::ns, "--time-unit ns"}};
  for (const auto& [unit, option] : units)
    if (const auto time = TimeParser({}, unit).parse_epoch(digits); time && *time >= first && *time < last)
      return option;
  return {};
}

}  // namespace

Zone TimeSettings::find_zone() const {
  const auto found = Zone::find(zone);
  if (!found) throw std::invalid_argument(fmt::format("--tz: there is no time zone '{}' (as in Europe/Athens)", zone));
  return *found;
}

TimeField::TimeField(const TimeSettings& settings, FieldSet& fields)
    : id_(fields.add(settings.field)),
      parser_(settings.find_zone(), settings.unit, settings.fold),
      guard_(settings.max_future ? FutureGuard(*settings.max_future) : FutureGuard()),
      name_(settings.field) {}

Verdict TimeField::reject(const Value& value) {
  if (value.kind == Kind::missing) return Verdict::reject(fmt::format("no usable time: {} is missing", name_));
  if (value.kind == Kind::null) return Verdict::reject(fmt::format("no usable time: {} is null", name_));
  std::string problem = value.kind == Kind::string ? parser_.clock_change_problem(value.text) : std::string();
  if (problem.empty()) problem = "is not a time";
  if (const std::string_view option = likely_unit(value.text); value.kind == Kind::number && !option.empty())
    problem += fmt::format("; {} makes it one", option);
  return Verdict::reject(fmt::format("no usable time: {} {} {}", name_, shortened(value.raw), problem));
}

}  // namespace weir
