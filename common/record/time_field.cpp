#include "record/time_field.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "record/field_watch.hpp"
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
      unit_(settings.unit),
      epochs_(settings.epochs),
      names_(settings.names()) {
  for (const std::string& name : names_) ids_.push_back(fields.add(name));
  window_end_ = names_.size();  // a name that an option gives has no rule
  if (names_.size() > 1)
    window_end_ = static_cast<std::size_t>(std::find(names_.begin(), names_.end(), "window_end") - names_.begin());
}

void TimeField::Known::remember(std::string_view text, Time its_time) {
  if (text.size() < 17 || text.size() > bytes.size() || text.back() != 'Z') return;
  text.copy(bytes.data(), text.size());
  size = text.size();
  time = its_time;
}

bool TimeField::read_text(const Value& value, Time& time) {
  const bool readable = value.kind == Kind::string || value.kind == Kind::number;
  if (!readable || !parser_.parse(value.text, time) || !is_meant(value, time)) return false;
  known_.remember(value.text, time);
  return true;
}

bool TimeField::is_meant(const Value& value, Time time) const {
  const bool is_number = value.kind == Kind::number || value.text.size() < 5 || value.text[4] != '-';
  return !is_number || epochs_ == Epochs::any || is_plausible_epoch(value.text, time);
}

Verdict TimeField::set_aside() { return Verdict::reject("set aside"); }

Verdict TimeField::reject(const Record& record, const Value& value) {
  if (value.kind == Kind::missing) {
    std::string nearest;
    if (names_.size() == 1) {  // an option names it: perhaps misspelt
      std::set<std::string> names;
      gather_names(record.line(), names);
      if (const std::string_view name = nearest_name(names_.front(), names); !name.empty())
        nearest = fmt::format("; the nearest is '{}'", name);
    }
    return Verdict::reject(
        fmt::format("no usable time: {} is missing{} (--time names the field)", names_.front(), nearest));
  }
  if (value.kind == Kind::null) return Verdict::reject(fmt::format("no usable time: {} is null", name()));
  return Verdict::reject(fmt::format("no usable time: {} {} {}", name(), shortened(value.raw), problem(value)));
}

std::string TimeField::problem(const Value& value) {
  if (value.kind == Kind::string)
    if (std::string change = parser_.clock_change_problem(value.text); !change.empty()) return change;
  if (value.kind != Kind::string && value.kind != Kind::number) return "is not a time";
  if (const std::string format = likely_format(value.text); !format.empty())
    return fmt::format("is not a time as it is; --time-format '{}' of csv-tail or mqtt-sub reads it{}", format,
                       format == "excel" ? "" : ", or strptime of jq");
  if (has_far_year(value.text)) return std::string(far_year_text);
  const bool is_taken = parser_.parse_epoch(value.text).has_value();  // with --any-epoch
  if (value.kind == Kind::string && !is_taken) return "is not a time";
  std::string problem = epochs_ == Epochs::any ? std::string(far_year_text) : outside_text(unit_);
  if (const std::string_view unit = likely_unit(value.text); !unit.empty())
    problem += fmt::format("; --time-unit {} reads it", unit);
  else if (is_taken)
    problem += "; --any-epoch takes it";
  return problem;
}

}  // namespace weir
