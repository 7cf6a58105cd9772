// Cleaning of one value: numbers in strings, and ranges.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "record/value.hpp"

namespace weir::weather_advise {

/// What becomes of a value outside its range.
enum class OutOfRange : std::uint8_t {
  set_null,
  clamp  ///< the nearer limit replaces it
};

/// A limit of a range, with its digits as written.
struct Limit {
  double value = 0;
  std::string token;
};

/// The range of a field; either limit may be missing.
struct RangeRule {
  std::string field;
  std::optional<Limit> low;
  std::optional<Limit> high;
  std::optional<OutOfRange> action;  ///< nothing: that of --out-of-range
};

/// Reads `FIELD=LOW..HIGH`, optionally with `:null` or `:clamp` after it; either limit may be missing. Throws
/// std::invalid_argument.
RangeRule parse_range(std::string_view text);

/// The default ranges: of temperature_c, humidity, pressure, wind_speed.
const std::vector<RangeRule>& default_ranges();

/// The fields of default_ranges().
std::vector<std::string> default_fields();

/// The rules of fields with their default ranges, and of `ranges`, each `FIELD=LOW..HIGH`, which replace them. Throws
/// std::invalid_argument, naming the option.
std::vector<RangeRule> rules_of(const std::vector<std::string>& fields, const std::vector<std::string>& ranges);

/// A value after cleaning.
struct CleanValue {
  enum class Note : std::uint8_t {
    kept,          ///< as it came: a number in range, missing or null
    coerced,       ///< a number from a string
    not_a_number,  ///< now null
    out_of_range,  ///< now null, or a limit
    filled         ///< was unknown, now between two known values
  };
  std::optional<double> value;  ///< unknown when null
  std::string token;            ///< the new token, unless kept
  Note note = Note::kept;
};

/// Cleans a value into `clean`, whose memory is used again. A string may be a number with blanks around it, a plus,
/// leading zeros or a bare dot (`+07.50` is 7.50). Any other value but null is not_a_number.
void clean_value(const Value& value, const RangeRule& rule, OutOfRange action, CleanValue& clean);

}  // namespace weir::weather_advise
