// What is asked of a window: `avg(temperature_c) as mean, count() as n`.
#pragma once
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace weir {

enum class Function : std::uint8_t { count, sum, avg, min, max, first, last, stddev };

/// The function's name as users write it.
std::string_view name_of(Function function);

/// True when the function does arithmetic, so that a value that is no number is an error. count, first and last take
/// any.
bool needs_number(Function function);

/// One column of a window's row.
struct Aggregate {
  Function function = Function::count;
  std::string field;  ///< a path; empty for count(), which counts records
  std::string name;   ///< of the column

  friend bool operator==(const Aggregate&, const Aggregate&) = default;
};

/// The name of a column that was given none: `temperature_c_avg`, or the function's alone where it has no field.
std::string default_name(Function function, std::string_view field);

/// A list of aggregates that cannot be read: where, and what was expected there.
class AggregateSyntaxError : public std::runtime_error {
 public:
  /// `position` in bytes from 0.
  AggregateSyntaxError(std::string_view text, std::size_t position, const std::string& problem);
};

/// Reads `FUNCTION(FIELD) [as NAME], …`. count takes no field (or `*`) to count records. Names and paths with blanks,
/// commas or parentheses in them stand in double quotes, where `\"` and `\\` are a quote and a backslash. Throws
/// AggregateSyntaxError, also for two columns of one name.
std::vector<Aggregate> parse_aggregates(std::string_view text);

}  // namespace weir
