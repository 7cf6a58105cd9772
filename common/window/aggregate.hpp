// The aggregates of a window: `avg(temperature_c) as mean, count() as n`.
#pragma once
#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "state/archive.hpp"

namespace weir {

enum class Function : std::uint8_t {
  count,
  sum,
  avg,
  min,
  max,
  first,
  last,
  stddev,
  stddev_pop,
  var,
  var_pop,
  quantile,  ///< written median or pNN
  distinct,
  range,
  delta,
  rate,
  twa,       ///< time-weighted mean
  integral,  ///< over time
  increase   ///< of a counter that may start again from zero
};

/// The function's name as users write it; a quantile's is `median`, p50, or another pNN.
std::string name_of(Function function, double quantile = 0.5);

/// One column of a window's row.
struct Aggregate {
  Function function = Function::count;
  std::string field;         ///< a path; empty for count(), which counts records
  std::string name;          ///< the name of the column
  std::string condition{};   ///< an expression: only records for which it is true count; empty: all
  double quantile = 0;       ///< 0 to 1
  bool every_field = false;  ///< of `*`: a column for every numeric field; field and name stay empty until one is found
  bool carry = false;        ///< of twa: the value before the window holds until its first one
  double per = 0;            ///< of integral: the unit of time, in seconds
  std::optional<std::int8_t> decimals{};  ///< to which the value is rounded

  friend bool operator==(const Aggregate&, const Aggregate&) = default;
  void state(StateArchive& archive) {
    archive.values(function, field, name, condition, quantile, every_field, carry, per, decimals);
  }
};

/// The default name of a column: `temperature_c_avg`, or the function's name alone where it has no field. `function` is
/// the function as users write it, such as `p95`.
std::string default_name(std::string_view function, std::string_view field);

/// A list of aggregates that cannot be read: the position, and what was expected there.
class AggregateSyntaxError : public std::invalid_argument {
 public:
  /// `position` is in bytes, from 0.
  AggregateSyntaxError(std::string_view text, std::size_t position, const std::string& problem);
};

/// Whether a column does arithmetic, so that a value that is not a number is left out. count, distinct, and first and
/// last where they are not rounded, take any.
bool needs_number(const Aggregate& column);

/// Whether a column takes in what its key had before the window: increase, integral, and twa with `carry`.
bool carries(const Aggregate& column);

/// Reads `FUNCTION(FIELD) [carry] [per UNIT] [if CONDITION] [as NAME], …`, with `round(…, N)` around all but conditions
/// and names. count takes no field (or `*`) to count all records, or a
/// condition to count those for which it is true. Several fields make a column each; `*` is every numeric field.
///
/// Names and paths with blanks, commas or parentheses stand in double quotes, where `\"` and `\\` are a quote and a
/// backslash. Throws AggregateSyntaxError, also for two columns of one name.
std::vector<Aggregate> parse_aggregates(std::string_view text);

}  // namespace weir
