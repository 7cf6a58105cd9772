// Cleaning of a record's values, and what is reported of them.
#include <fmt/format.h>

#include "record/value_checks.hpp"
#include "weather_advise.hpp"

namespace weir::weather_advise {

/// Reads all values. Returns whether something of them is to be reported.
bool WeatherAdvise::clean(const Record& record) {
  const std::size_t cleaned = cleaned_.size();
  bool any = false;
  for (std::size_t i = 0; i < ids_.size(); ++i) {
    Cell& cell = cells_[i];
    cell.existing = record[ids_[i]];
    cell.pending = false;
    if (i < cleaned) {
      clean::clean_value(cell.existing, cleaned_[i], settings_.out_of_range, cell.clean);
      any = any || cell.clean.note != CleanValue::Note::kept;
    } else {  // only read
      cell.clean.note = CleanValue::Note::kept;
      cell.clean.value = cell.existing.number();
      any = any || is_wrong(i);
    }
  }
  const Value& weather = record[weather_];
  return any || (weather.present() && weather.kind != Kind::string);
}

/// Whether a value is not a number, and neither null nor missing.
bool WeatherAdvise::is_wrong(std::size_t cell) const {
  const Cell& value = cells_[cell];
  if (cell < cleaned_.size()) return value.clean.note == CleanValue::Note::not_a_number;
  return value.existing.present() && !value.clean.value;
}

/// Counts what was cleaned and what cannot be read, and reports the first of each field. Rejects with --strict.
Verdict WeatherAdvise::report(const Record& record, Output& out) {
  const Value& weather = record[weather_];
  const bool wrong_weather = weather.present() && weather.kind != Kind::string;
  const std::string weather_text =
      wrong_weather ? fmt::format("{} {} is not a text", settings_.reading.weather, shortened(weather.raw)) : "";
  if (settings_.strict) {
    for (std::size_t i = 0; i < ids_.size(); ++i)
      if (is_wrong(i)) return reject_number(fields_.path(ids_[i]), cells_[i].existing);
    if (wrong_weather) return Verdict::reject(weather_text);
  }
  const auto tell = [&](std::size_t field, std::uint64_t& count, const std::string& text) {
    ++count;
    if (reported_[field]) return;
    reported_[field] = true;
    out.messages.push_back({text});
  };
  for (std::size_t i = 0; i < ids_.size(); ++i) {
    const Cell& cell = cells_[i];
    const std::string& field = fields_.path(ids_[i]);
    if (is_wrong(i)) {
      const bool cleans = i < cleaned_.size();
      tell(i, cleans ? not_numbers_ : not_read_,
           not_a_number_text(field, cell.existing) + (cleans ? ": set to null" : ": left out of flags and advice"));
    } else if (cell.clean.note == CleanValue::Note::out_of_range && ++out_of_range_ == 1) {
      out.messages.push_back({fmt::format("{} {} is out of range: {}", field, cell.existing.raw,
                                          cell.clean.value ? "set to its limit" : "set to null")});
    }
  }
  if (wrong_weather) tell(ids_.size(), not_read_, weather_text + ": left out of the advice");
  return Verdict::ok();
}

}  // namespace weir::weather_advise
