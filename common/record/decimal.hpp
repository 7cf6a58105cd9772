// Exact arithmetic on JSON numbers, for digits that a double does not hold.
#pragma once
#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace weir {

/// Appends `later` − `earlier`, two JSON numbers, as a JSON number without needless zeros. The result is exact where
/// both have at most 36 digits and no exponent (110.3 − 100.1 is 10.2). Otherwise it is the difference of the nearest
/// doubles, or `null` beyond their range and where a text is not a number.
void append_difference(std::string& out, std::string_view later, std::string_view earlier);

/// As append_difference(), as the nearest double: exact up to 2^53. NaN instead of `null`.
double nearest_difference(std::string_view later, std::string_view earlier);

/// Compares two JSON numbers whose nearest doubles are equal: negative, zero or positive as in strcmp. The result is
/// exact for digits of any length; a number with an exponent is equal to the other one.
int compare_digits(std::string_view a, std::string_view b);

/// What rounding to a double took off an integer's token of at most 36 digits: two doubles whose exact sum it is. 0 for
/// any other number.
std::array<double, 2> rounded_off(std::string_view token, double nearest);

/// Appends a sum, of which `parts` are the double nearest to it, then the one nearest to what is left … It has all
/// digits where the parts are whole and the sum is beyond 2^53 and has at most 36 digits; else it is the first part.
void append_sum(std::string& out, std::span<const double> parts);

/// Appends a JSON number rounded to so many decimals, halves away from zero by its decimal digits, without needless
/// zeros. Below 0 decimals are tens, hundreds … From −400 to 400 decimals; one with an exponent is its nearest double.
void append_rounded(std::string& out, std::string_view number, int decimals);

/// As append_rounded(), for the shortest digits of a double. `value` must be finite.
double round_decimals(double value, int decimals);

/// A sum of JSON numbers, exact while they have at most 36 digits and no exponent.
class DecimalSum {
 public:
  void add(std::string_view number) { add(number, 1); }
  void subtract(std::string_view number) { add(number, -1); }
  /// Without needless zeros; `null` beyond the range of a double.
  void append_to(std::string& out) const;
  double nearest() const;

 private:
  __extension__ using Wide = __int128;
  void add(std::string_view number, int sign);
  Wide digits_ = 0;
  std::int32_t decimals_ = 0;
  bool exact_ = true;
  double rounded_ = 0;  ///< the sum in doubles
};

}  // namespace weir
