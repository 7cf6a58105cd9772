#include "record/decimal.hpp"

#include <array>
#include <cmath>
#include <string>
#include <vector>

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

TEST_CASE("rounding goes by decimal digits, halves away from zero") {
  struct Case {
    const char* number;
    int decimals;
    const char* rounded;  // by Python's decimal, ROUND_HALF_UP
  };
  for (const auto& [number, decimals, rounded] :
       std::vector<Case>{{"2.675", 2, "2.68"},
                         {"-2.675", 2, "-2.68"},
                         {"0.5", 0, "1"},
                         {"-0.5", 0, "-1"},
                         {"-0.4", 0, "0"},
                         {"1.005", 2, "1.01"},
                         {"9.995", 2, "10"},
                         {"999.5", 0, "1000"},
                         {"95", -2, "100"},
                         {"-149", -2, "-100"},
                         {"151", -2, "200"},
                         {"12.50", 3, "12.5"},
                         {"12.50", 1, "12.5"},
                         {"0.000049", 4, "0"},
                         {"0.00005", 4, "0.0001"},
                         {"18446744073709551615", 3, "18446744073709551615"},
                         {"18446744073709551615", -1, "18446744073709551620"},
                         {"21.37", 400, "21.37"},
                         {"21.37", -400, "0"},
                         {"1234567890.123456789012345", 10, "1234567890.123456789"},
                         {"-49309.0581", -2, "-49300"},
                         {"548.801510", 4, "548.8015"},
                         {"-66719957.1", -2, "-66720000"},
                         {"-957.442935", 5, "-957.44294"},
                         {"97129.3444", -3, "97000"},
                         {"-5.23412874", 5, "-5.23413"},
                         {"-22637.9943", -1, "-22640"},
                         {"77569341.3", 1, "77569341.3"},
                         {"-539578587", 7, "-539578587"},
                         {"73227.2728", 1, "73227.3"},
                         {"-5846001.73", 1, "-5846001.7"},
                         {"-3780.01357", -2, "-3800"}}) {
    CAPTURE(number, decimals);
    std::string out;
    weir::append_rounded(out, number, decimals);
    CHECK(out == rounded);
  }
  std::string out;
  weir::append_rounded(out, "1.25e-3", 4);
  out += ' ';
  weir::append_rounded(out, "1e300", 2);
  out += ' ';
  weir::append_rounded(out, "1e-300", 15);
  CHECK(out == "0.0013 1e+300 0");
  CHECK(weir::round_decimals(2.675, 2) == 2.68);
  CHECK(weir::round_decimals(-1.4165972222222223, 1) == -1.4);
  CHECK(weir::round_decimals(1e22, 3) == 1e22);
}

TEST_CASE("sums keep what doubles lose") {
  weir::DecimalSum sum;
  for (const char* each : {"9223372036854775807", "0.1", "0.2", "-0.30"}) sum.add(each);
  sum.subtract("7");
  std::string out;
  sum.append_to(out);
  CHECK(out == "9223372036854775800");
  CHECK(sum.nearest() == 9223372036854775800.0);
  sum.add("1e3");
  out.clear();
  sum.append_to(out);
  CHECK(out == "9.223372036854776e+18");

  using Rest = std::array<double, 2>;
  CHECK(weir::rounded_off("9223372036854775001", 9223372036854775001.0) ==
        Rest{9223372036854775001LL - 9223372036854774784LL, 0});
  CHECK(weir::rounded_off("1.5", 1.5) == Rest{});
  // Python: float(10**36 - 1) is 10**36 + 42420637374017961984; what that took off is -42420637374017961985.
  CHECK(weir::rounded_off(std::string(36, '9'), 1e36) == Rest{-42420637374017961984.0, -1});
  out.clear();
  const auto append = [&](const std::vector<double>& parts) { weir::append_sum(out += ' ', parts); };
  append({9007199254740992, 1});
  append({9007199254740992, 0.5});
  append({0.25});
  append({});
  CHECK(out == " 9007199254740993 9007199254740992 0.25 0");
  out.clear();
  append({1e36, -42420637374017961984.0, -1});
  append({-1e36, 42420637374017961984.0, 1});
  append({1e36, -42420637374017961984.0});
  append({9007199254740994, 1, -0x1p-60});  // half of the last place less a little: the nearest is the first
  CHECK(out == " " + std::string(36, '9') + " -" + std::string(36, '9') + " 1e+36 9007199254740994");
}
