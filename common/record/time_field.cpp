#include "record/time_field.hpp"

#include <fmt/format.h>

#include "record/value_checks.hpp"
#include "time/plausible.hpp"
#include "time/time_format.hpp"

namespace weir {
std::vector<std::string> TimeSettings::names() const {
  if (!field.empty()) return {field};
  return {usual_time_fields.begin(), usual_time_fields.end()};
}

TimeField::TimeField(const TimeSettings& settings, FieldSet& fields)
    : parser_(Zone::named(settings.zone), settings.unit, settings.fold),
      guard_(settings.max_future ? FutureGuard(*settings.max_future) : FutureGuard()),
      epochs_(settings.epochs),
      names_(settings.names()) {
  for (const std::string& name : names_) ids_.push_back(fields.add(name));
}

Verdict TimeField::reject(const Value& value) {
  if (value.kind == Kind::missing)
    return Verdict::reject(fmt::format("no usable time: {} is missing (--time names the field)", names_.front()));
  if (value.kind == Kind::null) return Verdict::reject(fmt::format("no usable time: {} is null", name()));
  return Verdict::reject(fmt::format("no usable time: {} {} {}", name(), shortened(value.raw), problem(value)));
}

std::string TimeField::problem(const Value& value) {
  if (value.kind == Kind::string)
    if (std::string change = parser_.clock_change_problem(value.text); !change.empty()) return change;
  if (value.kind != Kind::string && value.kind != Kind::number) return "is not a time";
  const std::string format = likely_format(value.text);
  const std::string_view unit = likely_unit(value.text);
  const bool is_number = value.kind == Kind::number || parser_.parse_epoch(value.text);
  std::string problem = is_number ? "is not a time of 1990 to 2100" : "is not a time";
  if (!format.empty())
    problem += fmt::format("; csv-tail --time-format '{}' makes it one", format);
  else if (is_number && !unit.empty())
    problem += fmt::format("; --time-unit {} makes it one", unit);
  else if (parser_.parse_epoch(value.text))
    problem += "; --any-epoch takes it";
  return problem;
}

}  // namespace weir
