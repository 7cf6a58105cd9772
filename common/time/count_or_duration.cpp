#include "time/count_or_duration.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <stdexcept>

#include "time/duration.hpp"

namespace weir {

std::optional<std::uint64_t> digits_alone(std::string_view text) {
  if (text.empty() || !std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; }))
    return std::nullopt;
  if (text.size() > 18) return std::numeric_limits<std::uint64_t>::max();
  std::uint64_t value = 0;
  for (const char c : text) value = value * 10 + static_cast<std::uint64_t>(c - '0');
  return value;
}

CountOrDuration read_count_or_duration(std::string_view option, std::string_view text, const Countable& what) {
  if (const std::optional<std::uint64_t> count = digits_alone(text)) {
    if (*count < what.least || *count > what.most)
      throw std::invalid_argument(
          fmt::format("{} {}: give a number from {} to {}, of {}", option, text, what.least, what.most, what.name));
    return {count};
  }
  const std::optional<Duration> length = parse_duration(text);
  if (!length || *length < Duration::zero() || (what.least > 0 && *length == Duration::zero()))
    throw std::invalid_argument(fmt::format(
        "{}: '{}' is neither a number of {} (1, 2, …) nor a duration with its unit (24h)", option, text, what.name));
  return {std::nullopt, *length};
}

}  // namespace weir
