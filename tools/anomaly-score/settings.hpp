// The settings of anomaly-score.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "record/counted.hpp"
#include "record/time_field.hpp"

namespace weir::anomaly_score {

enum class Method : std::uint8_t {
  z,        ///< how many standard deviations a value is from what is expected
  novelty,  ///< how far the last values are from the nearest run of earlier ones
  rcf,      ///< how soon random cuts set the last values apart from earlier ones
  iforest,  ///< how soon the cuts of a trained forest set the values apart
  svm,      ///< how far the values are outside of the trained region of most records
  pca,      ///< how far the values are from the trained principal components, and along them
  ensemble  ///< z of a value, z of a mean of the last ones, and novelty, each with a limit of its own
};

/// Whether records are scored by a model that was trained beforehand.
inline bool is_trained(Method method) {
  return method == Method::iforest || method == Method::svm || method == Method::pca;
}

/// What z expects.
enum class Form : std::uint8_t {
  running,  ///< the mean of all earlier values
  robust,   ///< a mean that forgets, and that an outlier cannot pull far
  seasonal  ///< as robust, for each slot of the season
};

/// The lines of a file of models.
struct ModelFile {
  std::string path;
  std::string text;
};

struct Settings {
  TimeSettings time;
  std::vector<std::string> by;
  std::vector<std::string> fields;
  Method method = Method::z;
  Form form = Form::seasonal;
  std::optional<double> limit;  ///< the strength that scores 0.5; none: that of the method
  std::optional<double> rate;   ///< the share of values that may pass the limit: the limit is learned
  std::optional<double> escalate;
  std::uint64_t settle = 15'000;  ///< records
  std::optional<std::string> hold;
  std::uint64_t min_samples = 100;
  std::optional<double> floor;
  std::optional<Duration> gap;
  std::optional<double> no_learn_above;
  std::uint64_t relearn = 50;
  double half_life = 1500;  ///< records
  Duration season = std::chrono::hours(24);
  std::uint64_t slots = 24;
  std::uint64_t smooth = 1;
  std::optional<std::uint64_t> window;
  std::uint64_t memory = 1000;
  std::optional<std::uint64_t> trees;
  std::optional<std::uint64_t> samples;
  std::uint64_t seed = 1;
  std::string model;                   ///< where the trained models are
  std::vector<ModelFile> model_files;  ///< those that are there
  std::string train;                   ///< records to train on; empty: score
  std::optional<double> contamination;
  std::optional<double> nu;
  std::optional<double> gamma;
  std::optional<double> variance;
  bool statistics = false;
  std::uint64_t max_keys = 100'000;
  LateOption late;
  bool strict = false;
};

}  // namespace weir::anomaly_score
