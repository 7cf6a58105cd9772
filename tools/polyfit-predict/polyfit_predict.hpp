// The pure stage of polyfit-predict: readings in, predictions out.
#pragma once
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "pipeline/filter.hpp"
#include "pipeline/number_fields.hpp"
#include "record/group_key.hpp"
#include "record/key_order.hpp"
#include "record/key_table.hpp"
#include "record/recent_points.hpp"
#include "record/time_field.hpp"
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
enum class Readings : std::uint8_t { drop, pass };

struct Settings {
  TimeSettings time;
  std::vector<std::string> by;
  std::vector<std::string> fields;
  std::vector<std::string> bounds;  ///< `humidity=0..100`; an end may be left out
  std::uint64_t last = 50;
  int degree = 1;
  std::string ahead = "1";  ///< a number of steps, or a duration
  double confidence = 0.95;
  std::uint64_t max_keys = 100'000;
  PredictWhen when = PredictWhen::at_end;
  Readings readings = Readings::drop;
  bool strict = false;  ///< a value that is not a number rejects its record
};

/// Fits a polynomial to the last readings of each key and field, and writes its prediction.
class PolyfitPredict : public Filter {
 public:
  /// Throws std::invalid_argument when settings cannot be used or fields clash.
  explicit PolyfitPredict(const Settings& settings);

  bool passes_lines() const { return settings_.readings == Readings::pass; }
  FutureGuard* future_guard() override { return &time_.guard(); }
  Verdict on_record(const Record& record, Output& out) override;
  void on_end(Output& out) override;
  void state(StateArchive& archive) override;
  std::vector<NamedField> named_fields() const override;
  CountReport counts() const override;

 private:
  struct Series {
    RecentPoints points;
    bool predicted = false;
    void state(StateArchive& archive) { archive.values(points, predicted); }
  };
  struct KeyState {
    std::vector<Series> series;  ///< one per field
    void state(StateArchive& archive) { archive.value(series); }
  };

  Verdict read_time(const Record& record, std::optional<Time>& time);
  void predict(std::string_view key, Series& series, std::size_t field, Output& out);
  void read_bounds();
  void write(std::string_view key, const Series& series, std::size_t field, Output& out);
  std::optional<Time> predicted_time(const RecentPoints& points);

  Settings settings_;
  Ahead ahead_;
  TimeField time_;
  GroupKey group_;
  NumberFields values_;
  struct Bounds {
    double low = -std::numeric_limits<double>::infinity();
    double high = std::numeric_limits<double>::infinity();
    double clamp(double value) const { return value < low ? low : value > high ? high : value; }
  };
  std::vector<Bounds> bounds_;  ///< one per field
  KeyTable<KeyState> keys_;
  PolynomialFitter fitter_;
  std::vector<double> x_;
  std::vector<double> y_;
  std::vector<Duration> intervals_;
  std::string coefficients_;

  std::uint64_t too_old_ = 0;
  std::uint64_t without_prediction_ = 0;
};

}  // namespace weir::polyfit_predict
