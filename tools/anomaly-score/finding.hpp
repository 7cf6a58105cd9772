// What a value came to.
#pragma once
#include <cstddef>
#include <cstdint>
#include <limits>

namespace weir::anomaly_score {

enum class Cause : std::uint8_t {
  none,
  learning,
  untrained,
  above,
  below,
  high,
  low,
  shape,
  isolated,
  outside,  ///< of the region of most records
  far,      ///< the fields together, from their means
  apart,    ///< the fields do not go together
  held
};

/// Numbers that are not known are NaN.
struct Finding {
  double score = std::numeric_limits<double>::quiet_NaN();  ///< 0 to 1; 0.5: the limit
  double expected = std::numeric_limits<double>::quiet_NaN();
  double low = std::numeric_limits<double>::quiet_NaN();
  double high = std::numeric_limits<double>::quiet_NaN();
  double strength = std::numeric_limits<double>::quiet_NaN();  ///< of the detector that scored
  std::size_t field = 0;                                       ///< which it is of
  Cause cause = Cause::learning;
};

}  // namespace weir::anomaly_score
