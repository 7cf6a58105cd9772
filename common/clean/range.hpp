// Ranges of values, and the cleaning of one value by them: numbers in strings, values out of range.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "record/value.hpp"

namespace weir::clean {

/// What becomes of a value outside its range.
enum class OutOfRange : std::uint8_t {
  set_null,
  clamp,   ///< the nearer limit replaces it
  reject,  ///< its record is rejected
  flag     ///< it stays, and is marked
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
  std::optional<OutOfRange> action;  ///< nothing: the usual one
};

/// The actions that a range may name.
enum class Actions : std::uint8_t {
  repairs,  ///< null and clamp
  all
};

/// Reads `FIELD=LOW..HIGH`, optionally with a colon and an action after it, such as `:null`; either limit may be
/// missing. Throws std::invalid_argument.
RangeRule parse_range(std::string_view text, Actions actions = Actions::all);

/// A value after cleaning.
struct CleanValue {
  enum class Note : std::uint8_t {
    kept,          ///< as it came: a number in range, missing or null
    coerced,       ///< a number from a string
    not_a_number,  ///< now null
    out_of_range,  ///< now null or a limit; as it came where the action is reject or flag
    filled         ///< was unknown, now between two known values
  };
  std::optional<double> value;  ///< unknown when null
  std::string token;            ///< the new token, unless kept
  Note note = Note::kept;
};

/// Writes a number as JSON with its own digits into `token`: blanks around it, a plus, leading zeros or a bare dot do
/// not matter (`+07.50` is 7.50). Returns false for text that is not a number.
bool json_number_of(std::string_view text, std::string& token);

/// Cleans a value into `clean`, whose memory is used again. A string may be a number as json_number_of() reads it. Any
/// other value but null is not_a_number.
void clean_value(const Value& value, const RangeRule& rule, OutOfRange action, CleanValue& clean);

}  // namespace weir::clean
