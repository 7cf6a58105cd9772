#include "topics.hpp"

#include <stdexcept>
#include <string>
#include <vector>

#include "catch.hpp"

using namespace weir;
using namespace weir::kafka_sub;

TEST_CASE("topics are names or regular expressions") {
  const Topics topics({"a.b", "^x-[0-9]+$"});
  CHECK(topics.match("a.b"));
  CHECK_FALSE(topics.match("aXb"));
  CHECK(topics.match("x-12"));
  CHECK_FALSE(topics.match("x-1y"));
}

TEST_CASE("a name that no topic can have is refused") {
  for (const std::string& name : {std::string(), std::string("a b"), std::string("."), std::string(".."),
                                  std::string("caf\xc3\xa9"), std::string(250, 'a'), std::string("^(")})
    CHECK_THROWS_AS(Topics({name}), std::invalid_argument);
  CHECK_NOTHROW(Topics({std::string(249, 'a'), "A_b-c.1", "..."}));
}

TEST_CASE("names are missing by themselves, expressions where nothing is there") {
  const Topics topics({"b", "a", "^x", "b"});
  using Names = std::vector<std::string>;
  CHECK(topics.missing({}) == Names{"a", "b", "^x"});
  CHECK(topics.missing({{"b", 0}, {"b", 1}}) == Names{"a"});
  CHECK(topics.missing({{"x1", 0}}) == Names{"a", "b"});
  CHECK(topics.missing({{"a", 0}, {"b", 0}}).empty());
}
