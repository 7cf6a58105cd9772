// Exact sums of doubles: the same to the bit in any order and in any grouping.
#pragma once
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "state/archive.hpp"

namespace weir {

/// Doubles whose exact sum a sum is, the same for the same sum.
struct SumParts {
  /// Each is the double nearest to what is left. Empty for 0; NaN where a number was not finite.
  std::vector<double> doubles;
  /// How often 2^1023 counts beside them: not 0 only for a sum beyond a double's range. A whole number.
  double beyond = 0;

  friend bool operator==(const SumParts&, const SumParts&) = default;
};

/// The sum of any doubles, as a fixed-point number of all their bits: a superaccumulator (U. Kulisch, "Computer
/// Arithmetic and Validity", 2008). It has 560 bytes, and takes 2^62 numbers.
class WideSum {
 public:
  /// An infinity or NaN makes the sum NaN for good.
  void add(double x);
  /// Adds a·b, exact while the product's digits are within a double's range.
  void add_product(double a, double b);
  /// Adds 2^1023 times a whole number below 2^53.
  void add_beyond(double times) { add(times, 1023); }
  void merge(const WideSum& other);
  /// The double nearest to the sum, ties to even; infinite beyond a double's range.
  double rounded() const;
  SumParts parts() const;

  void state(StateArchive& archive) { archive.values(limbs_, since_carry_, beyond_); }

 private:
  static constexpr std::size_t limb_count = 68;
  void add(double x, int power_of_two);
  bool negate_if_negative();
  double take_beyond();
  void carry();

  std::array<std::int64_t, limb_count> limbs_{};  ///< limb i counts 2^(32 i - 1074)
  std::uint64_t since_carry_ = 0;                 ///< numbers added since the limbs were below 2^32
  bool beyond_ = false;                           ///< a number was not finite
};

/// An exact sum in a few doubles. What they cannot hold goes to a WideSum, which few sums ever need.
///
/// Each double takes what the one before has lost to rounding (D. E. Knuth, "The Art of Computer Programming" 2,
/// section 4.2.2, theorem B), as in J. R. Shewchuk, "Adaptive precision floating-point arithmetic" (1997).
template <std::size_t Size>
class ExactSum {
 public:
  void add(double x) { add_from(0, x); }
  /// Adds the exact square of a number, where it is neither beyond a double's range nor below its digits.
  void add_square(double x) {
    const double square = x * x;
    add_from(0, square);
    const double rest = lost_by_square(x, square);
    if (rest != 0 && std::isfinite(rest)) add_from(1, rest);
  }
  /// Adds 2^1023 times a whole number below 2^53.
  void add_beyond(double times) { wide().add_beyond(times); }
  void merge(const ExactSum& other) {
    for (const double part : other.parts_)
      if (part != 0) add(part);
    if (!other.rest_) return;
    wide().merge(*other.rest_);
  }

  /// The double nearest to the sum.
  double value() const {
    if (Size == 2 && !rest_) return parts_[0] + parts_[1];
    return whole().rounded();
  }
  /// All of the sum.
  WideSum whole() const {
    WideSum sum = rest_ ? *rest_ : WideSum();
    for (const double part : parts_) sum.add(part);
    return sum;
  }
  SumParts parts() const {
    if (Size == 2 && !rest_) {
      const auto [sum, lost] = two_sum(parts_[0], parts_[1]);
      if (lost == 0) return {{sum}};
      if (std::isfinite(sum)) return {{sum, lost}};
    }
    return whole().parts();
  }

  /// As parts(), but which doubles they are depends on the order of the numbers. It costs less.
  SumParts any_parts() const {
    if (rest_) return parts();
    return {{parts_.begin(), parts_.end()}};
  }

  void state(StateArchive& archive) { archive.values(parts_, rest_); }

 private:
  struct Added {
    double sum;
    double lost;
  };
  /// a + b, and what rounding took off it.
  static Added two_sum(double a, double b) {
    const double sum = a + b;
    const double of_b = sum - a;
    return {sum, (a - (sum - of_b)) + (b - of_b)};
  }

  /// What rounding took off x·x. Without an instruction for it std::fma() is a slow call; this is exact as well where
  /// the square is finite (T. J. Dekker, "A floating-point technique for extending the available precision", 1971).
  static double lost_by_square(double x, double square) {
#ifdef FP_FAST_FMA
    return std::fma(x, x, -square);
#else
    const double scaled = 0x1p27 * x + x;
    const double high = scaled - (scaled - x);
    const double low = x - high;
    return low * low - ((square - high * high) - 2 * high * low);
#endif
  }

  /// Adds to the parts from that one on.
  void add_from(std::size_t first, double x) {
    std::array<double, Size> next = parts_;
    double left = x;
    for (std::size_t i = first; i < Size; ++i) {
      const Added added = two_sum(next[i], left);
      next[i] = added.sum;
      left = added.lost;
    }
    if (left == 0) [[likely]]
      parts_ = next;
    else
      spill(x);  // also where a part would be infinite: what it lost is NaN then
  }
  [[gnu::cold, gnu::noinline]] void spill(double x) { wide().add(x); }
  WideSum& wide() {
    if (!rest_) rest_ = std::make_unique<WideSum>();
    return *rest_;
  }

  std::array<double, Size> parts_{};
  std::unique_ptr<WideSum> rest_;
};

}  // namespace weir
