#include "record/time_field.hpp"

#include <fmt/format.h>

#include "time/plausible.hpp"

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

}  // namespace

TimeField::TimeField(const TimeSettings& settings, FieldSet& fields)
    : id_(fields.add(settings.field)),
      parser_(Zone::named(settings.zone), settings.unit, settings.fold),
      guard_(settings.max_future ? FutureGuard(*settings.max_future) : FutureGuard()),
      name_(settings.field) {}

Verdict TimeField::reject(const Value& value) {
  if (value.kind == Kind::missing) return Verdict::reject(fmt::format("no usable time: {} is missing", name_));
  if (value.kind == Kind::null) return Verdict::reject(fmt::format("no usable time: {} is null", name_));
  std::string problem = value.kind == Kind::string ? parser_.clock_change_problem(value.text) : std::string();
  if (problem.empty()) problem = "is not a time";
  if (const std::string_view unit = likely_unit(value.text); value.kind == Kind::number && !unit.empty())
    problem += fmt::format("; --time-unit {} makes it one", unit);
  return Verdict::reject(fmt::format("no usable time: {} {} {}", name_, shortened(value.raw), problem));
}

}  // namespace weir
