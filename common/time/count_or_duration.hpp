// Options that take a number of records or steps, or a time.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "time/time_types.hpp"

namespace weir {

/// The value of text that is digits alone; beyond 18 of them the greatest there is.
std::optional<std::uint64_t> digits_alone(std::string_view text);

struct CountOrDuration {
  std::optional<std::uint64_t> count;
  Duration length{};  ///< without a count
};

/// What may be counted, and how much of it.
struct Countable {
  const char* name;  ///< `steps`
  std::uint64_t least;
  std::uint64_t most;
};

/// The value of an option: digits alone are a count, others a duration with its unit, which is above 0 where the least
/// count is. Throws std::invalid_argument with option, value and limits.
CountOrDuration read_count_or_duration(std::string_view option, std::string_view text, const Countable& what);

}  // namespace weir
