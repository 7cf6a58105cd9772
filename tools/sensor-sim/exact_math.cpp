#include "exact_math.hpp"

#include <bit>
#include <cmath>
#include <cstdint>

#include "no_contraction.hpp"

namespace weir::sensor_sim {

double sine_of_turns(double turns) {
  double r = turns - std::floor(turns + 0.5);  // in [-0.5, 0.5)
  if (r > 0.25) r = 0.5 - r;
  if (r < -0.25) r = -0.5 - r;
  const double x = r * 6.283185307179586;
  const double s = x * x;
  // Taylor's series to x^13: within 1e-9 at a quarter turn.
  return x * (1 + s * (-1.0 / 6 +
                       s * (1.0 / 120 +
                            s * (-1.0 / 5040 + s * (1.0 / 362880 + s * (-1.0 / 39916800 + s * (1.0 / 6227020800)))))));
}

double exponential(double x) {
  const double k = std::floor(x * 1.4426950408889634 + 0.5);
  const double r = x - k * 0.6931471805599453;  // |r| <= 0.35
  const double small =
      1 + r * (1 + r * (0.5 + r * (1.0 / 6 + r * (1.0 / 24 + r * (1.0 / 120 + r * (1.0 / 720 + r * (1.0 / 5040)))))));
  return small * std::bit_cast<double>(static_cast<std::uint64_t>(static_cast<std::int64_t>(k) + 1023) << 52U);
}

double normal_share_below(double x) { return 1 / (1 + exponential(-1.5976 * x - 0.07056 * x * x * x)); }

}  // namespace weir::sensor_sim
