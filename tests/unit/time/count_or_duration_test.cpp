#include "time/count_or_duration.hpp"

#include <stdexcept>
#include <string>

#include "catch.hpp"

using namespace weir;

namespace {

std::string refusal(std::string_view text, std::uint64_t least = 1) {
  try {
    read_count_or_duration("--ahead", text, {"steps", least, 100});
  } catch (const std::invalid_argument& problem) {
    return problem.what();
  }
  return {};
}

}  // namespace

TEST_CASE("digits alone are a count, others a duration") {
  CHECK(read_count_or_duration("--ahead", "100", {"steps", 1, 100}).count == 100);
  const CountOrDuration day = read_count_or_duration("--ahead", "24h", {"steps", 1, 100});
  CHECK_FALSE(day.count.has_value());
  CHECK(day.length == std::chrono::hours(24));
  CHECK(read_count_or_duration("--hold", "0s", {"records", 0, 100}).length == Duration::zero());
}

TEST_CASE("a refusal names option, value and limits") {
  CHECK(refusal("101") == "--ahead 101: give a number from 1 to 100, of steps");
  CHECK(refusal("0") == "--ahead 0: give a number from 1 to 100, of steps");
  CHECK(refusal("99999999999999999999999") == "--ahead 99999999999999999999999: give a number from 1 to 100, of steps");
  for (const char* text : {"", "1.5", "-1", "soon", "0s", "1 h"})
    CHECK(refusal(text) == "--ahead: '" + std::string(text) +
                               "' is neither a number of steps (1, 2, …) nor a duration with its unit (24h)");
}
