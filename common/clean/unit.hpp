// Units of measure, and the conversion of numbers between them.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>

namespace weir::clean {

/// A unit: (value + shift) × numerator / denominator is the value in the base unit of its dimension.
struct Unit {
  std::string_view symbol;
  std::string_view dimension;
  std::int64_t numerator = 1;
  std::int64_t denominator = 1;
  std::int64_t shift = 0;  ///< hundredths
};

/// The unit of that name: a symbol such as `degC`, or another of its names (`C`, `°C`, `celsius`); nullptr: none.
const Unit* find_unit(std::string_view name);

/// The unit in which a field is by the end of its name (`temperature_f`, `wind_km_h`); nullptr: none, or more than one.
const Unit* unit_of_field(std::string_view field);

/// A conversion between two units of the same dimension.
class Conversion {
 public:
  /// Throws std::invalid_argument where the dimensions differ.
  Conversion(const Unit& from, const Unit& to);

  /// Appends a JSON number converted. Computed with all decimal digits of the number: exact where the result has a
  /// finite number of digits, otherwise rounded to 15. Beyond 20 digits, and with an exponent, by doubles. Returns
  /// false, and appends nothing, where the number or the result is beyond a double.
  [[nodiscard]] bool append(std::string& out, std::string_view number) const;

 private:
  bool append_double(std::string& out, std::string_view number) const;
  std::int64_t from_shift_, to_shift_;      ///< hundredths
  std::int64_t numerator_, denominator_;  ///< reduced
};

}  // namespace weir::clean
