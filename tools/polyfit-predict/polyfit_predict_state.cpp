// What polyfit-predict keeps from one run to the next.
#include "polyfit_predict.hpp"

namespace weir::polyfit_predict {

void PolyfitPredict::snapshot(SnapshotWriter& to) const {
  keys_.snapshot(to, [](SnapshotWriter& each, const KeyState& state) {
    each.number<std::uint64_t>(state.series.size());
    for (const Series& series : state.series) {
      each.number<std::uint64_t>(series.points.size());
      for (std::size_t i = 0; i < series.points.size(); ++i) {
        const Point& point = series.points[i];
        each.number(point.time.has_value());
        each.plain(point.time.value_or(Time{}));
        each.number(point.value);
      }
      each.number(series.predicted);
    }
  });
  to.number(absent_);
  to.number(too_old_);
  to.number(without_prediction_);
}

void PolyfitPredict::restore(SnapshotReader& from) {
  keys_.restore(from, [this](SnapshotReader& each, KeyState& state) {
    for (auto left = each.number<std::uint64_t>(); left > 0; --left) {
      Series& series = state.series.emplace_back(Series{RecentPoints(settings_.last)});
      for (auto points = each.number<std::uint64_t>(); points > 0; --points) {
        const bool timed = each.number<bool>();
        const auto time = each.plain<Time>();
        const auto value = each.number<double>();
        series.points.add({timed ? std::optional(time) : std::nullopt, value});
      }
      series.predicted = each.number<bool>();
    }
  });
  absent_ = from.number<std::uint64_t>();
  too_old_ = from.number<std::uint64_t>();
  without_prediction_ = from.number<std::uint64_t>();
}

}  // namespace weir::polyfit_predict
