// The pure stage of polyfit-predict: readings in, predictions out.
#pragma once
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "pipeline/series_filter.hpp"
#include "record/recent_points.hpp"
#include "stats/polynomial_fit.hpp"

namespace weir::polyfit_predict {

/// The distance from the last reading to the prediction, which also defines x.
struct Ahead {
  enum class Axis : std::uint8_t {
    steps,  ///< x is the index of the reading; 0 is the oldest one
    time    ///< x is the seconds from the last reading: 0, earlier ones negative
  };
  Axis axis = Axis::steps;
  std::uint64_t steps = 1;
  Duration length{};
};

enum class PredictWhen : std::uint8_t { at_end, every_record };

using weir::Readings;

struct Settings : SeriesSettings {
  Settings() { last = 50; }

  std::vector<std::string> bounds;  ///< `humidity=0..100`; an end may be left out
  int degree = 1;
  std::string ahead = "1";  ///< a number of steps, or a duration
  double confidence = 0.95;
  PredictWhen when = PredictWhen::at_end;
};

/// The last readings of one key and field.
struct Series {
  explicit Series(std::size_t limit = 0) : points(limit) {}
  void set_limit(std::size_t limit) { points.set_limit(limit); }
  void state(StateArchive& archive) { archive.values(points, predicted); }

  RecentPoints points;
  bool predicted = false;
};

/// Fits a polynomial to the last readings of each key and field, and writes its prediction.
class PolyfitPredict : public SeriesFilter<Series> {
 public:
  /// Throws std::invalid_argument when settings cannot be used or fields clash.
  explicit PolyfitPredict(const Settings& settings);

  Verdict on_record(const Record& record, Output& out) override;
  void on_end(Output& out) override;
  void state(StateArchive& archive) override;
  CountReport counts() const override;

 private:
  Verdict read_time(const Record& record, std::optional<Time>& time);
  void predict(std::string_view key, Series& series, std::size_t field, Output& out);
  void read_bounds();
  void write(std::string_view key, const Series& series, std::size_t field, Output& out);
  std::optional<Time> predicted_time(const RecentPoints& points);

  Settings settings_;
  Ahead ahead_;
  struct Bounds {
    double low = -std::numeric_limits<double>::infinity();
    double high = std::numeric_limits<double>::infinity();
    double clamp(double value) const { return value < low ? low : value > high ? high : value; }
  };
  std::vector<Bounds> bounds_;  ///< one per field
  PolynomialFitter fitter_;
  std::vector<double> x_;
  std::vector<double> y_;
  std::vector<Duration> intervals_;
  std::string coefficients_;

  std::uint64_t without_prediction_ = 0;
};

}  // namespace weir::polyfit_predict
