#include "ts_forecast.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <stdexcept>

#include "record/number.hpp"
#include "record/object_writer.hpp"
#include "record/value_checks.hpp"

namespace weir::ts_forecast {
namespace {

constexpr int least_digits = 7;  ///< of all that is written; more would depend on the machine
constexpr int most_digits = 15;  ///< that a double always has

double rounded(double value, int digits) {
  double found = value;
  if (std::isfinite(value)) parse_json_number(fmt::format("{:.{}g}", value, digits), found);
  return found == 0 ? 0.0 : found;
}

void number(ObjectWriter& object, std::string_view name, double value) {
  object.number(name, rounded(value, least_digits));
}

/// How many digits tell a millionth of the half width apart.
int digits_for(double value, double half_width) {
  if (!(half_width > 0)) return most_digits;
  if (!std::isfinite(half_width)) return least_digits;
  const double whole = std::ceil(std::log10((std::fabs(value) + half_width) / half_width));
  return static_cast<int>(std::clamp<double>(least_digits + whole, least_digits, most_digits));
}

}  // namespace

TsForecast::TsForecast(const Settings& settings)
    : SeriesFilter(settings, "a forecast",
                   {"timestamp", "field", "prediction", "low", "high", "ahead", "origin", "model", "n"},
                   {NumberFields::greatest_for_squares, "to be forecast"}),
      settings_(settings),
      plan_(settings) {}

Verdict TsForecast::on_record(const Record& record, Output& out) {
  Time time;
  if (Verdict verdict = time_.read(record, time); verdict.rejected()) return verdict;
  // A null makes a series too, if one without a forecast.
  if (Verdict verdict = read(record, NumberFields::OfNull::key, out); verdict.rejected()) return verdict;
  for (const NumberFields::Reading& reading : values_.readings()) {
    Series& series = series_of(reading);
    const bool late = settings_.every && series.is_late(time);
    if (!series.add(time, reading.value)) {
      note_too_old(out);
    } else if (late) {
      series.note_late();
      if (++late_ == 1)
        out.messages.push_back(
            {"late: an earlier reading of its series has a greater time, and a late one begins no period of --every"});
    } else if (settings_.every && series.begins_period(time, *settings_.every)) {
      forecast(key_, series, reading.field, out);
    }
  }
  return Verdict::ok();
}

void TsForecast::forecast(std::string_view key, Series& series, std::size_t field, Output& out) {
  std::string reason;
  const auto found = series.forecast(plan_, plan_.refit, settings_.last, reason);
  note_unused_season(out);
  if (!found) {
    if (settings_.every)
      series.note_without(std::move(reason));
    else
      note_without(key, field, reason);
    return;
  }
  for (std::size_t i = 0; i < found->values.size(); ++i) {
    const auto steps = static_cast<std::int64_t>(i) + 1;
    ObjectWriter object(out.lines);
    object.time("timestamp", found->past.at(found->step, plan_.zone, steps));
    group_.append_members(out.lines, key);
    object.string("field", values_.names()[field]);
    const double value = found->values[i];
    const double half_width = found->half_widths[i];
    // Rounding to the same digits keeps the order of the three; bounds hold after it, too.
    const auto written = [this, digits = digits_for(value, half_width)](double each) {
      const double bounded = plan_.bounded(each);
      return bounded != each ? bounded : plan_.bounded(rounded(each, digits));
    };
    object.number("prediction", written(value));
    object.number("low", written(value - half_width));
    object.number("high", written(value + half_width));
    object.integer("ahead", steps)
        .time("origin", found->past.last)
        .string("model", plan_.model_name())
        .integer("n", static_cast<std::int64_t>(found->past.readings))
        .end();
  }
}

void TsForecast::backtest(std::string_view key, const Series& series, std::size_t field, Output& out) {
  std::string reason;
  const auto found = series.backtest(plan_, *settings_.backtest, settings_.last, reason);
  if (!found) return note_without(key, field, reason);
  std::string members;
  group_.append_members(members, key);
  if (!members.empty()) members.erase(0, 1);
  out.lines += '{' + members + (members.empty() ? "" : ",");
  std::string rest;
  ObjectWriter object(rest);
  object.string("field", values_.names()[field]).string("model", plan_.model_name());
  object.integer("origins", static_cast<std::int64_t>(found->origins));
  number(object, "smape", found->smape);
  number(object, "mase", found->mase);
  number(object, "msis", found->msis);
  number(object, "coverage", found->coverage);
  object.integer("n", static_cast<std::int64_t>(series.readings())).end();
  out.lines.append(rest, 1);
}

/// Steps are known once a series is forecast. At the end of the input it is a remark.
void TsForecast::note_unused_season(Output& out) {
  if (!settings_.every || season_noted_ || plan_.unused_season().empty()) return;
  season_noted_ = true;
  out.messages.push_back({plan_.unused_season() + ": not used"});
}

void TsForecast::note_without(std::string_view key, std::size_t field, const std::string& reason) {
  if (++without_forecast_ > 1) return;
  std::string members;
  group_.append_members(members, key);
  if (!members.empty()) members.erase(0, 1);
  first_reason_ = members.empty() ? fmt::format("{}: {}", values_.names()[field], reason)
                                  : fmt::format("{}, {}: {}", members, values_.names()[field], reason);
}

void TsForecast::on_end(Output& out) {
  for_each_in_order([&](std::string_view key, Series& series, std::size_t field) {
    if (settings_.backtest && series.readings() > 0)
      backtest(key, series, field, out);
    else if (!settings_.every && series.readings() > 0)
      forecast(key, series, field, out);
    else if (!series.has_forecast())
      note_without(key, field, series.reason_without());
    if (out.drain) out.drain();
  });
}

void TsForecast::state(StateArchive& archive) {
  series_state(archive);
  archive.values(late_, without_forecast_, first_reason_);
}

CountReport TsForecast::counts() const {
  CountReport report;
  report.add(without_forecast_, "forecast", "left out (first " + first_reason_ + ")", Weight::work);
  values_.add_to(report);
  if (!season_noted_ && !plan_.unused_season().empty()) report.remark(plan_.unused_season() + ": not used");
  report.add(late_, "late reading", "that began no period of --every");
  add_too_old(report);
  return report;
}

}  // namespace weir::ts_forecast
