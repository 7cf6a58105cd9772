#include "window/exact_sum.hpp"

#include <bit>
#include <limits>

namespace weir {
namespace {

constexpr int bits_of_limb = 32;
constexpr std::uint64_t limb_mask = 0xffffffffU;
constexpr int lowest_exponent = -1074;  ///< of the last bit of any double
/// Numbers that a limb takes without a carry: each adds less than 2^32.
constexpr std::uint64_t most_without_carry = 1U << 30;

}  // namespace

void WideSum::add(double x) { add(x, 0); }

/// Adds x · 2^power_of_two, of which the last limb must hold the digits.
void WideSum::add(double x, int power_of_two) {
  if (!std::isfinite(x)) {
    beyond_ = true;
    return;
  }
  const auto bits = std::bit_cast<std::uint64_t>(x);
  const auto biased = static_cast<int>(bits >> 52 & 0x7ff);
  const std::uint64_t fraction = bits & ((std::uint64_t{1} << 52) - 1);
  const std::uint64_t digits = biased == 0 ? fraction : fraction | std::uint64_t{1} << 52;
  // Of the last digit, above the lowest exponent.
  const int place = (biased == 0 ? 0 : biased - 1) + power_of_two;
  __extension__ using Wide = unsigned __int128;
  const Wide shifted = static_cast<Wide>(digits) << (place % bits_of_limb);
  const std::int64_t sign = (bits >> 63) != 0 ? -1 : 1;
  const auto first = static_cast<std::size_t>(place / bits_of_limb);
  for (std::size_t i = 0; i < 3; ++i)
    limbs_[first + i] +=
        sign * static_cast<std::int64_t>(static_cast<std::uint64_t>(shifted >> (bits_of_limb * i)) & limb_mask);
  if (++since_carry_ >= most_without_carry) carry();
}

void WideSum::add_product(double a, double b) {
  const double product = a * b;
  add(product);
  const double rest = std::fma(a, b, -product);
  if (std::isfinite(product)) add(rest);
}

void WideSum::merge(const WideSum& other) {
  WideSum added = other;
  added.carry();
  carry();
  for (std::size_t i = 0; i < limb_count; ++i) limbs_[i] += added.limbs_[i];
  since_carry_ = 2;
  beyond_ = beyond_ || other.beyond_;
}

/// Makes all limbs but the last less than 2^32 and not negative. The last one has the sign.
void WideSum::carry() {
  for (std::size_t i = 0; i + 1 < limb_count; ++i) {
    limbs_[i + 1] += limbs_[i] >> bits_of_limb;  // towards minus infinity
    limbs_[i] &= static_cast<std::int64_t>(limb_mask);
  }
  since_carry_ = 1;
}

/// Carries, and makes a negative sum positive. Returns whether it was negative.
bool WideSum::negate_if_negative() {
  carry();
  const bool negative = limbs_.back() < 0;
  if (negative) {
    for (std::int64_t& limb : limbs_) limb = -limb;
    carry();
  }
  return negative;
}

double WideSum::rounded() const {
  if (beyond_) return std::numeric_limits<double>::quiet_NaN();
  WideSum sum = *this;
  const bool negative = sum.negate_if_negative();
  std::size_t top = limb_count - 1;
  while (top > 0 && sum.limbs_[top] == 0) --top;
  // The 64 highest bits, of which the last one is also set where a lower one is.
  __extension__ using Wide = unsigned __int128;
  Wide highest = 0;
  const std::size_t low = top >= 2 ? top - 2 : 0;
  for (std::size_t i = top + 1; i-- > low;)
    highest = highest << bits_of_limb | static_cast<std::uint64_t>(sum.limbs_[i]);
  int exponent = static_cast<int>(low) * bits_of_limb + lowest_exponent;
  bool sticky = false;
  for (std::size_t i = 0; i < low; ++i) sticky = sticky || sum.limbs_[i] != 0;
  while (highest >> 64 != 0) {
    sticky = sticky || (highest & 1) != 0;
    highest >>= 1;
    ++exponent;
  }
  auto digits = static_cast<std::uint64_t>(highest);
  if (digits == 0) return 0;
  const int extra = 11 - std::countl_zero(digits);  // bits beyond the 53 of a double
  if (extra > 0) {
    const std::uint64_t half = std::uint64_t{1} << (extra - 1);
    const std::uint64_t below = digits & ((half << 1) - 1);
    digits >>= extra;
    exponent += extra;
    if (below > half || (below == half && (sticky || (digits & 1) != 0))) ++digits;
  }
  const double value = std::ldexp(static_cast<double>(digits), exponent);
  return negative ? -value : value;
}

/// Takes 2^1023 off as often as it goes in, and returns how often: less than 0 for a negative sum.
double WideSum::take_beyond() {
  constexpr int place = 1023 - lowest_exponent;
  constexpr std::size_t limb = place / bits_of_limb;
  constexpr int bit = place % bits_of_limb;
  const bool negative = negate_if_negative();
  __extension__ using Wide = unsigned __int128;
  Wide top = 0;
  for (std::size_t i = limb_count; i-- > limb;) top = top << bits_of_limb | static_cast<std::uint64_t>(limbs_[i]);
  limbs_[limb] &= (std::int64_t{1} << bit) - 1;
  for (std::size_t i = limb + 1; i < limb_count; ++i) limbs_[i] = 0;
  const auto times = static_cast<double>(top >> bit);
  if (!negative) return times;
  for (std::int64_t& each : limbs_) each = -each;
  return -times;
}

SumParts WideSum::parts() const {
  SumParts parts;
  WideSum left = *this;
  if (std::isinf(left.rounded())) parts.beyond = left.take_beyond();
  for (double part = left.rounded(); part != 0; part = left.rounded()) {
    parts.doubles.push_back(part);
    if (!std::isfinite(part)) break;
    left.add(-part);
  }
  return parts;
}

}  // namespace weir
