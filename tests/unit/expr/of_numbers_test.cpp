#include <bit>
#include <random>
#include <string>
#include <vector>

#include "catch.hpp"
#include "expr/expression.hpp"
#include "record/number.hpp"

using namespace weir;
using namespace weir::expr;

namespace {

/// A random expression of a depth over a and b.
std::string random_text(std::mt19937& random, int depth) {
  static const std::vector<std::string> pairs{"+", "-", "*", "/", "%", ">", ">=", "<", "<=", "==", "!=", "and", "or"};
  static const std::vector<std::string> calls{"-", "not ", "abs", "round", "floor", "ceil", "sqrt"};
  static const std::vector<std::string> leaves{"a",    "b",  "a",    "b",          "0", "1.8",
                                               "-0.5", "32", "1e15", "0.30000000", "3", "12345678901234567"};
  if (depth == 0) return leaves[random() % leaves.size()];
  if (random() % 4 == 0) return calls[random() % calls.size()] + "(" + random_text(random, depth - 1) + ")";
  const std::string left = "(" + random_text(random, depth - 1) + ")";
  return left + " " + pairs[random() % pairs.size()] + " (" + random_text(random, depth - 1) + ")";
}

bool same(const Result& a, const Result& b) {
  return a.type == b.type && a.truth == b.truth && a.text.empty() && b.text.empty() &&
         std::bit_cast<std::uint64_t>(a.number) == std::bit_cast<std::uint64_t>(b.number);
}

}  // namespace

TEST_CASE("an expression of numbers has the same result in few steps") {
  static const std::vector<std::string> numbers{"0",  "-0",     "1",     "25.28", "0.3",           "0.1",
                                                "-7", "1e-300", "1e300", "0.30",  "99999999999999"};
  std::mt19937 random(3);
  std::size_t compared = 0, undecided = 0;
  for (int i = 0; i < 40'000; ++i) {
    std::string text = random_text(random, 1 + i % 4);
    std::optional<Expression> expression;
    try {
      expression = Expression::compile(text);
    } catch (const SyntaxError&) {
      continue;  // not of numbers or truths alone
    }
    if (!expression->is_of_numbers()) continue;
    for (int j = 0; j < 8; ++j) {
      std::vector<Result> operands;
      std::vector<double> values;
      for (std::size_t k = 0; k < expression->fields().size(); ++k) {
        const std::string& number = numbers[random() % numbers.size()];
        values.push_back(*parse_json_number(number));
        operands.push_back(Result::of(values.back(), number));
      }
      Result result;
      const bool decided = expression->evaluate_numbers(values.data(), result);
      ++(decided ? compared : undecided);
      INFO(text << " with " << (values.empty() ? 0 : values[0]));
      if (decided) REQUIRE(same(result, expression->evaluate(std::span<const Result>(operands))));
    }
  }
  CHECK(compared > 20'000);
  CHECK(undecided > 1'000);
}

TEST_CASE("what digits, strings or unknown values decide is not of numbers alone") {
  for (const char* text : {"a > 25", "value * 1.8 + 32", "not (a > 1 and b <= 2.5) or a == b", "-a", "abs(a) - 1"})
    CHECK(Expression::compile(text).is_of_numbers());
  for (const char* text : {"a", "1.5", "a - b", "a - 0.1", "a > 'x'", "min(a, b)", "coalesce(a, 1) > 2", "a == null",
                           "a > 1234567890.123456", "a > 1 and b", "length(a) > 2", "true"})
    CHECK_FALSE(Expression::compile(text).is_of_numbers());
}
