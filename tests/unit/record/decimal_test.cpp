#include "record/decimal.hpp"

#include <cmath>
#include <string>

#include "catch.hpp"

using namespace weir;

namespace {

std::string difference(std::string_view later, std::string_view earlier) {
  std::string out;
  append_difference(out, later, earlier);
  return out;
}

}  // namespace

TEST_CASE("differences have all their digits") {
  CHECK(difference("9223372036854775807", "-9223372036854775808") == "18446744073709551615");
  CHECK(difference("123456789012345678901234567890123456", "1") == "123456789012345678901234567890123455");
  CHECK(difference("0.3", "0.1") == "0.2");
  CHECK(difference("0.1", "0.10") == "0");
  CHECK(difference("-0.05", "0") == "-0.05");
  CHECK(difference("1234567890.000000001", "0.000000002") == "1234567889.999999999");
  CHECK(difference("1e2", "1") == "99");
}

TEST_CASE("what is not a number has no difference") {
  CHECK(difference("", "1") == "null");
  CHECK(difference("1", "\"2\"") == "null");
  CHECK(difference("null", "null") == "null");
  CHECK(std::isnan(nearest_difference("true", "1")));
}

TEST_CASE("the nearest double of a difference") {
  CHECK(nearest_difference("110.3", "100.1") == 10.2);
  CHECK(nearest_difference("9223372036854775301", "9223372036854775001") == 300);
  CHECK(nearest_difference("9223372036854775807", "-9223372036854775808") == 18446744073709551615.0);
  CHECK(nearest_difference("0.0000000000000000000000001", "0") == 1e-25);
  CHECK(nearest_difference("1e300", "0") == 1e300);
}

TEST_CASE("numbers of one double are compared by their digits") {
  CHECK(compare_digits("9223372036854775001", "9223372036854775000") > 0);
  CHECK(compare_digits("-9223372036854775001", "-9223372036854775000") < 0);
  CHECK(compare_digits("9223372036854775001", "9223372036854775001.000") == 0);
  CHECK(compare_digits("0.10000000000000000001", "0.1") > 0);
  CHECK(compare_digits("-0.10000000000000000001", "-0.1") < 0);
  CHECK(compare_digits("-0", "0.00") == 0);
  CHECK(compare_digits("-0.0", "0") == 0);
  CHECK(compare_digits("1e3", "1000") == 0);
  CHECK(compare_digits("99999999999999999999", "100000000000000000000") < 0);
}
