// What weather-advise does to one value: numbers out of strings, and ranges.
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
  clamp  ///< the nearer limit takes its place
};

/// A limit of a range, with the digits it was written in.
struct Limit {
  double value = 0;
  std::string token;
};

/// The range of a field; a limit that is not set is none.
struct RangeRule {
  std::string field;
  std::optional<Limit> low;
  std::optional<Limit> high;
  std::optional<OutOfRange> action;  ///< nothing: as the tool's option says
};

/// Reads `FIELD=LOW..HIGH`, with `:null` or `:clamp` behind it; either limit may be left out. Throws
/// std::invalid_argument with the reason.
RangeRule parse_range(std::string_view text);

/// The ranges that hold unless others are given: of temperature_c, humidity, pressure, wind_speed.
const std::vector<RangeRule>& default_ranges();

/// A value after cleaning.
struct CleanValue {
  enum class Note : std::uint8_t {
    kept,          ///< as it came: a number in range, or nothing there
    coerced,       ///< a number out of a string
    not_a_number,  ///< now null
    out_of_range,  ///< now null, or a limit
    filled         ///< was unknown, and stands now between two that were known
  };
  std::optional<double> value;  ///< unknown when null
  std::string token;            ///< what stands there now, unless kept
  Note note = Note::kept;
};

/// Cleans a value into `clean`, whose memory is used again. A string is a number when it is one but for blanks around
/// it, a plus, leading zeros or a bare dot (`+07.50` is 7.50); any other value that is there is not_a_number.
void clean_value(const Value& value, const RangeRule& rule, OutOfRange action, CleanValue& clean);

}  // namespace weir::weather_advise
