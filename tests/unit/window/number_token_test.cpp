#include "window/number_token.hpp"

#include <random>
#include <string>
#include <utility>
#include <vector>

#include "catch.hpp"

using weir::NumberToken;

namespace {

std::string text_of(const NumberToken& token) {
  NumberToken::Buffer buffer;
  return std::string(token.view(buffer));
}

}  // namespace

TEST_CASE("a number's token is given back as it was written") {
  for (const char* text :
       {"0", "-0", "21.37", "-273.15", "1e5", "1E+05", "-1.5e-7", "100.10", "123456789012345", "-12345678901234",
        "1234567890123456", "0.1234567890123456789", "1e-300", "x", "null", "\"a string, and a long one at that\""}) {
    NumberToken token;
    token.assign(text);
    CHECK(text_of(token) == text);
    CHECK_FALSE(token.empty());
    CHECK(token.is(text));
    CHECK_FALSE(token.is(std::string(text) + '0'));
    CHECK_FALSE(token.is(""));
    std::string out = "before ";
    token.append_to(out);
    CHECK(out == std::string("before ") + text);
  }
}

TEST_CASE("a token without a number is empty, and is written as null") {
  NumberToken token;
  CHECK(token.empty());
  CHECK(text_of(token).empty());
  std::string out;
  token.append_to(out);
  CHECK(out == "null");
  token.assign("12.5");
  token.assign("");
  CHECK(token.empty());
}

TEST_CASE("tokens of all lengths replace each other, and move") {
  std::mt19937 random(11);
  const std::string characters = "0123456789.-+eE";
  std::vector<NumberToken> tokens(50);
  std::vector<std::string> expected(50);
  for (int step = 0; step < 20000; ++step) {
    const std::size_t at = random() % tokens.size();
    std::string text;
    for (std::size_t left = random() % 24; left > 0; --left) text += characters[random() % characters.size()];
    tokens[at].assign(text);
    expected[at] = text;
    const std::size_t other = random() % tokens.size();
    std::swap(tokens[at], tokens[other]);
    std::swap(expected[at], expected[other]);
  }
  for (std::size_t i = 0; i < tokens.size(); ++i) CHECK(text_of(tokens[i]) == expected[i]);
  NumberToken taken(std::move(tokens[0]));
  CHECK(text_of(taken) == expected[0]);
}

TEST_CASE("a saved token is loaded as it was") {
  for (const std::string text : {"", "-273.15", "3.14159265358979323846"}) {
    NumberToken token;
    token.assign(text);
    std::string bytes;
    weir::SnapshotWriter writer(bytes);
    weir::StateArchive saving(writer);
    saving.value(token);
    weir::SnapshotReader reader(bytes);
    weir::StateArchive loading(reader);
    NumberToken loaded;
    loading.value(loaded);
    CHECK(text_of(loaded) == text);
  }
}
