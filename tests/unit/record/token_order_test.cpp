#include "record/token_order.hpp"

#include <string>
#include <vector>

#include "catch.hpp"

TEST_CASE("one order over all tokens") {
  const std::vector<std::string> ascending{"null",
                                           "false",
                                           "true",
                                           "-1e400",
                                           "-12345678901234567891",
                                           "-12345678901234567890",
                                           "-1.5",
                                           "0",
                                           "-0",
                                           "1",
                                           "1.0",
                                           "1.00",
                                           "9",
                                           "10",
                                           "9007199254740992",
                                           "9007199254740993",
                                           "1e400",
                                           R"("")",
                                           R"("a")",
                                           R"("a b")",
                                           R"("ab")",
                                           "[1]",
                                           R"({"a":1})"};
  for (std::size_t i = 0; i < ascending.size(); ++i) {
    for (std::size_t j = 0; j < ascending.size(); ++j) {
      CAPTURE(ascending[i], ascending[j]);
      const int order = weir::compare_tokens(ascending[i], ascending[j]);
      CHECK((order < 0) == (i < j));
      CHECK((order > 0) == (i > j));
    }
  }
  CHECK(weir::compare_tokens("", "null") == 0);
  for (std::size_t i = 1; i < ascending.size(); ++i) {
    CAPTURE(ascending[i - 1], ascending[i]);
    CHECK(weir::order_prefix(ascending[i - 1]) <= weir::order_prefix(ascending[i]));
  }
  CHECK(weir::order_prefix(R"("s00041")") < weir::order_prefix(R"("s00042")"));
  CHECK(weir::order_prefix("-2") < weir::order_prefix("-1"));
  CHECK(weir::order_prefix("9.5") < weir::order_prefix("10"));
  CHECK(weir::order_prefix("") == weir::order_prefix("null"));
}
