// What the settings come to, worked out once for all series.
#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "settings.hpp"

namespace weir::anomaly_score {

/// What a detector looks at.
enum class Sense : std::uint8_t { spike, level, shape, forest };

struct Plan {
  /// Throws std::invalid_argument on settings that do not go together.
  explicit Plan(const Settings& settings);

  struct Detector {
    Sense sense;
    double limit;
  };
  std::array<Detector, 3> detectors{};
  std::size_t detector_count = 0;

  Form form;
  bool needs_baseline = true;
  bool needs_shape = false;
  bool is_joint = false;         ///< all fields have one score
  std::size_t level_values = 0;  ///< how many values a level is the mean of; 0: no detector looks at it
  std::size_t window;
  std::size_t memory;
  std::size_t slots;
  Duration season;
  std::size_t trees;
  std::size_t samples;
  std::uint64_t seed;
  std::optional<double> limit;  ///< as given
  std::optional<double> rate;
  double escalation;   ///< what an alert adds to the logarithm of its detector's limit
  double settling;     ///< the share of it that is left after a record
  double share;        ///< of a new value in the variances
  double level_share;  ///< of a new value in the seasonal level
  std::uint64_t held_records = 0;
  Duration held_time{};
  std::uint64_t min_samples;
  double floor;  ///< the least standard deviation; less than 0: one unit of the last digit of values
  std::optional<Duration> gap;
  std::optional<double> no_learn_above;
  std::uint64_t relearn;
};

}  // namespace weir::anomaly_score
