#include "polyfit_predict.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>

#include "record/object_writer.hpp"
#include "time/saturating.hpp"

namespace weir::polyfit_predict {
namespace {

double seconds(Duration length) { return static_cast<double>(length.count()) / 1e9; }

std::string counted(std::uint64_t n, std::string_view one, std::string_view many, std::string_view rest) {
  return n == 0 ? std::string() : fmt::format("{} {} {}", n, n == 1 ? one : many, rest);
}

}  // namespace

PolyfitPredict::PolyfitPredict(const PolyfitSettings& settings)
    : settings_(settings),
      time_(fields_.add(settings.time_field)),
      group_(settings.by, fields_),
      keys_(settings.max_keys),
      fitter_(settings.degree) {
  for (const std::string& path : settings.fields) {
    const FieldId id = fields_.add(path);
    if (std::find(values_.begin(), values_.end(), id) != values_.end())
      throw std::invalid_argument(fmt::format("--field: '{}' is named twice", path));
    values_.push_back(id);
    names_.push_back(FieldSet::plain_name(path));
  }
  for (const char* own : {"timestamp", "field", "prediction", "low", "high", "coefficients", "n", "r2", "sd"})
    if (std::find(group_.names().begin(), group_.names().end(), own) != group_.names().end())
      throw std::invalid_argument(fmt::format("--by: a prediction has a field '{}' of its own", own));
}

Verdict PolyfitPredict::on_record(const Record& record, Output& out) {
  std::optional<Time> time;
  if (Verdict verdict = read_time(record, time); verdict.rejected()) return verdict;
  std::string_view key;
  if (Verdict verdict = group_.read(record, key); verdict.rejected()) return verdict;
  if (Verdict verdict = read_values(record); verdict.rejected()) return verdict;

  KeyId id = KeyTable<KeyState>::full;
  if (!readings_.empty()) {
    id = keys_.find_or_add(key);
    if (id == KeyTable<KeyState>::full)
      return Verdict::reject(fmt::format("a new key, and {} others are known (--max-keys)", settings_.max_keys));
  }
  absent_ += absent_now_;
  if (settings_.readings == Readings::pass) {
    out.lines += record.line();
    out.lines += '\n';
  }
  for (const Reading& reading : readings_) {
    std::vector<Series>& all = keys_[id].series;
    if (all.empty()) all.assign(values_.size(), Series{RecentPoints(settings_.last)});
    Series& series = all[reading.field];
    if (!series.points.add({time, reading.value})) {
      ++too_old_;
    } else if (settings_.when == PredictWhen::every_record) {
      predict(key, series, reading.field, out);
    }
  }
  return Verdict::ok();
}

Verdict PolyfitPredict::read_time(const Record& record, std::optional<Time>& time) {
  const Value& stamp = record[time_];
  if (!stamp.present() && settings_.ahead.axis == Ahead::Axis::steps) return Verdict::ok();
  if (stamp.kind != Kind::string && stamp.kind != Kind::number)
    return Verdict::reject(fmt::format("no usable time: {} is {}", settings_.time_field,
                                       stamp.present() ? "no text or number" : "missing"));
  time = settings_.time.parse(stamp.text);
  if (!time) return Verdict::reject(fmt::format("no usable time: {} is not a time", settings_.time_field));
  return Verdict::ok();
}

Verdict PolyfitPredict::read_values(const Record& record) {
  readings_.clear();
  absent_now_ = 0;
  for (std::size_t i = 0; i < values_.size(); ++i) {
    const Value& value = record[values_[i]];
    if (!value.present()) {
      ++absent_now_;
      continue;
    }
    const std::optional<double> number = value.number();
    if (!number)
      return Verdict::reject(
          fmt::format("{} is not a number{}", names_[i], value.kind == Kind::number ? " that a double can hold" : ""));
    readings_.push_back({i, *number});
  }
  return Verdict::ok();
}

void PolyfitPredict::predict(std::string_view key, Series& series, std::size_t field, Output& out) {
  const RecentPoints& points = series.points;
  x_.clear();
  y_.clear();
  for (std::size_t i = 0; i < points.size(); ++i) {
    x_.push_back(settings_.ahead.axis == Ahead::Axis::steps
                     ? static_cast<double>(i)
                     : seconds(saturating_distance(*points.latest().time, *points[i].time)));
    y_.push_back(points[i].value);
  }
  if (!fitter_.fit(x_, y_)) return;
  series.predicted = true;
  write(key, series, field, out);
}

void PolyfitPredict::write(std::string_view key, const Series& series, std::size_t field, Output& out) {
  const Ahead& ahead = settings_.ahead;
  const double x0 =
      ahead.axis == Ahead::Axis::steps ? x_.back() + static_cast<double>(ahead.steps) : seconds(ahead.length);
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
  object.string("field", names_[field])
      .number("prediction", prediction.value)
      .number("low", prediction.low)
      .number("high", prediction.high)
      .raw("coefficients", coefficients_)
      .integer("n", static_cast<std::int64_t>(series.points.size()));
  if (const auto r2 = fitter_.r2()) {
    object.number("r2", *r2);
  } else {
    object.null("r2");
  }
  object.number("sd", fitter_.sd()).end();
}

/// The time that is predicted for. A step is as long as the median of the intervals between the readings used.
std::optional<Time> PolyfitPredict::predicted_time(const RecentPoints& points) {
  if (settings_.ahead.axis == Ahead::Axis::time) return saturating_add(*points.latest().time, settings_.ahead.length);
  intervals_.clear();
  for (std::size_t i = 0; i < points.size(); ++i) {
    if (!points[i].time) return std::nullopt;
    if (i > 0) intervals_.push_back(saturating_distance(*points[i - 1].time, *points[i].time));
  }
  const auto middle = intervals_.begin() + static_cast<std::ptrdiff_t>((intervals_.size() - 1) / 2);
  std::nth_element(intervals_.begin(), middle, intervals_.end());
  return saturating_add(*points.latest().time,
                        saturating_multiply(*middle, static_cast<std::int64_t>(settings_.ahead.steps)));
}

void PolyfitPredict::on_end(Output& out) {
  std::vector<KeyId> order;
  keys_.for_each([&order](KeyId id) { order.push_back(id); });
  std::sort(order.begin(), order.end(),
            [this](KeyId a, KeyId b) { return GroupKey::compare(keys_.key(a), keys_.key(b)) < 0; });
  for (const KeyId id : order) {
    for (std::size_t field = 0; field < values_.size(); ++field) {
      Series& series = keys_[id].series[field];
      if (settings_.when == PredictWhen::at_end) predict(keys_.key(id), series, field, out);
      if (!series.predicted) ++without_prediction_;
    }
  }
}

std::string PolyfitPredict::summary() const {
  std::string words;
  for (const std::string& part :
       {counted(without_prediction_, "series", "series",
                "without a prediction: too few readings, or too few different times"),
        counted(absent_, "missing or null value", "missing or null values", "left out"),
        counted(too_old_, "reading", "readings",
                fmt::format("left out: older than the last {} of its series", settings_.last))}) {
    if (!part.empty()) words += (words.empty() ? "" : "; ") + part;
  }
  return words;
}

}  // namespace weir::polyfit_predict
