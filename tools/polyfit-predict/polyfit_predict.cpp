#include "polyfit_predict.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>

#include "record/counted.hpp"
#include "record/number.hpp"
#include "record/object_writer.hpp"
#include "record/value_checks.hpp"
#include "time/count_or_duration.hpp"
#include "time/saturating.hpp"

namespace weir::polyfit_predict {
namespace {

double seconds(Duration length) { return static_cast<double>(length.count()) / 1e9; }

constexpr std::uint64_t most_steps = 999'999'999;

Ahead parse_ahead(const std::string& text) {
  const CountOrDuration read = read_count_or_duration("--ahead", text, {"steps", 1, most_steps});
  if (read.count) return {Ahead::Axis::steps, *read.count};
  return {Ahead::Axis::time, 1, read.length};
}

const Settings& checked(const Settings& settings) {
  if (!(settings.confidence > 0 && settings.confidence < 1))
    throw std::invalid_argument("--confidence must lie between 0 and 1, such as 0.95");
  const auto needed = static_cast<std::uint64_t>(settings.degree) + 2;
  if (settings.last < needed)
    throw std::invalid_argument(
        fmt::format("--last: a polynomial of degree {} needs at least {} readings", settings.degree, needed));
  return settings;
}

}  // namespace

PolyfitPredict::PolyfitPredict(const Settings& settings)
    : SeriesFilter(checked(settings), "a prediction",
                   {"timestamp", "field", "prediction", "low", "high", "coefficients", "n", "r2", "sd"}),
      settings_(settings),
      ahead_(parse_ahead(settings.ahead)),
      fitter_(static_cast<std::size_t>(settings.degree)) {
  read_bounds();
}

/// `humidity=0..100`, `power=0..`
void PolyfitPredict::read_bounds() {
  bounds_.resize(settings_.fields.size());
  for (const std::string& text : settings_.bounds) {
    const auto equals = text.rfind('=');
    const auto dots = text.find("..", equals == std::string::npos ? 0 : equals);
    const auto field = std::find(settings_.fields.begin(), settings_.fields.end(), text.substr(0, equals));
    if (equals == std::string::npos || dots == std::string::npos)
      throw std::invalid_argument(fmt::format("--bounds: expected FIELD=LOW..HIGH, not '{}'", text));
    if (field == settings_.fields.end())
      throw std::invalid_argument(fmt::format("--bounds: '{}' is not a field of --field", text.substr(0, equals)));
    Bounds& bounds = bounds_[static_cast<std::size_t>(field - settings_.fields.begin())];
    const std::string_view all = text;
    for (const auto& [digits, end] : {std::pair(all.substr(equals + 1, dots - equals - 1), &bounds.low),
                                      std::pair(all.substr(dots + 2), &bounds.high)})
      if (!digits.empty() && !parse_json_number(digits, *end))
        throw std::invalid_argument(fmt::format("--bounds: '{}' is not a number", digits));
    if (!(bounds.low < bounds.high))
      throw std::invalid_argument(fmt::format("--bounds: {}: the low end is not below the high one", text));
  }
}

Verdict PolyfitPredict::on_record(const Record& record, Output& out) {
  std::optional<Time> time;
  if (Verdict verdict = read_time(record, time); verdict.rejected()) return verdict;
  if (Verdict verdict = read(record, NumberFields::OfNull::no_key, out); verdict.rejected()) return verdict;
  for (const NumberFields::Reading& reading : values_.readings()) {
    Series& series = series_of(reading);
    if (!series.points.add({time, reading.value})) {
      note_too_old(out);
    } else if (settings_.when == PredictWhen::every_record) {
      predict(key_, series, reading.field, out);
    }
  }
  return Verdict::ok();
}

Verdict PolyfitPredict::read_time(const Record& record, std::optional<Time>& time) {
  if (ahead_.axis == Ahead::Axis::steps) return time_.read(record, time);
  return time_.read(record, time.emplace());
}

void PolyfitPredict::predict(std::string_view key, Series& series, std::size_t field, Output& out) {
  const RecentPoints& points = series.points;
  x_.clear();
  y_.clear();
  for (std::size_t i = 0; i < points.size(); ++i) {
    x_.push_back(ahead_.axis == Ahead::Axis::steps
                     ? static_cast<double>(i)
                     : seconds(saturating_distance(*points.latest().time, *points[i].time)));
    y_.push_back(points[i].value);
  }
  if (!fitter_.fit(x_, y_)) return;
  series.predicted = true;
  write(key, series, field, out);
}

void PolyfitPredict::write(std::string_view key, const Series& series, std::size_t field, Output& out) {
  const double x0 =
      ahead_.axis == Ahead::Axis::steps ? x_.back() + static_cast<double>(ahead_.steps) : seconds(ahead_.length);
  const Prediction prediction = fitter_.predict(x0, settings_.confidence);
  coefficients_ = "[";
  for (const double each : fitter_.coefficients()) {
    if (coefficients_.size() > 1) coefficients_ += ',';
    append_number(coefficients_, each);
  }
  coefficients_ += ']';

  ObjectWriter object(out.lines);
  if (const auto time = predicted_time(series.points)) {
    object.time("timestamp", *time);
  } else {
    object.null("timestamp");
  }
  group_.append_members(out.lines, key);
  object.string("field", values_.names()[field])
      .number("prediction", bounds_[field].clamp(prediction.value))
      .number("low", bounds_[field].clamp(prediction.low))
      .number("high", bounds_[field].clamp(prediction.high))
      .raw("coefficients", coefficients_)
      .integer("n", static_cast<std::int64_t>(series.points.size()));
  if (const auto r2 = fitter_.r2()) {
    object.number("r2", *r2);
  } else {
    object.null("r2");
  }
  object.number("sd", fitter_.sd()).end();
}

/// The time of the prediction. A step is as long as the median interval between the readings used.
std::optional<Time> PolyfitPredict::predicted_time(const RecentPoints& points) {
  if (ahead_.axis == Ahead::Axis::time) return saturating_add(*points.latest().time, ahead_.length);
  intervals_.clear();
  for (std::size_t i = 0; i < points.size(); ++i) {
    if (!points[i].time) return std::nullopt;
    if (i > 0) intervals_.push_back(saturating_distance(*points[i - 1].time, *points[i].time));
  }
  const auto middle = intervals_.begin() + static_cast<std::ptrdiff_t>((intervals_.size() - 1) / 2);
  std::nth_element(intervals_.begin(), middle, intervals_.end());
  return saturating_add(*points.latest().time, saturating_multiply(*middle, static_cast<std::int64_t>(ahead_.steps)));
}

void PolyfitPredict::on_end(Output& out) {
  for_each_in_order([&](std::string_view key, Series& series, std::size_t field) {
    if (settings_.when == PredictWhen::at_end) predict(key, series, field, out);
    if (!series.predicted) ++without_prediction_;
  });
}

void PolyfitPredict::state(StateArchive& archive) {
  series_state(archive);
  archive.value(without_prediction_);
}

CountReport PolyfitPredict::counts() const {
  CountReport report;
  report.add(without_prediction_, "prediction", "left out: too few readings, or too few different times", Weight::work);
  values_.add_to(report);
  add_too_old(report);
  return report;
}

}  // namespace weir::polyfit_predict
