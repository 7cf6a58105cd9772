#include "expr/expression.hpp"

#include <string>
#include <vector>

#include "evaluated.hpp"

using namespace weir;
using namespace weir::test;

TEST_CASE("operators bind as in the table") {
  const Case cases[] = {
      {"1 + 2 * 3", "7"},
      {"(1 + 2) * 3", "9"},
      {"10 - 4 - 3", "3"},
      {"100 / 10 / 2", "5"},
      {"7 % 4 * 2", "6"},
      {"-7 % 4", "-3"},
      {"-2 * -3", "6"},
      {"- -5", "5"},
      {"1 < 2 and 2 < 3", "true"},
      {"true or true and false", "true"},
      {"(true or true) and false", "false"},
      {"not true or true", "true"},
      {"not (true or true)", "false"},
      {"not 1 > 2", "true"},
      {"! false && true", "true"},
      {"not not true", "true"},
      {"false || true && ! false", "true"},
      {"1 == 1.0", "true"},
      {"1e3 == 1000", "true"},
      {"'a' < 'b'", "true"},
      {"'10' < '9'", "true"},
      {"\"it's\" == 'it\\'s'", "true"},
      {"1 <> 2", "true"},
      {"2 != 2", "false"},
      {"abs(-3) + min(4, 2, 3) * max(1, 5)", "13"},
      {"round(2.5) + floor(-0.5) + ceil(0.2) + sqrt(9)", "6"},
      {"contains('heavy rain', 'rain') and starts_with('abc', 'ab') and not ends_with('abc', 'b')", "true"}};
  for (const Case& each : cases) {
    INFO(each.text);
    CHECK(value_of(each.text) == each.gives);
  }
}

TEST_CASE("fields are read by path, with odd names in backticks") {
  const std::string line =
      R"({"a":2,"b":{"c":3,"d.e":4},"x y":5,"a.b":6,"é":7,"for":8,"tick`":9,"s":"text","t":true,"n":null,"o":{},"l":[1]})";
  const Case cases[] = {{"a + b.c", "5"},    {"b.`d.e`", "4"},      {"`x y` * 2", "10"},    {"`a.b`", "6"},
                        {"é", "7"},          {"`for`", "8"},        {"`tick```", "9"},      {"s", "'text'"},
                        {"t", "true"},       {"t == true", "true"}, {"t != false", "true"}, {"n", "null"},
                        {"missing", "null"}, {"b.none", "null"},    {"a.b.c", "null"},      {"s == 'text'", "true"},
                        {"o", "other"},      {"o == null", "false"}};
  for (const Case& each : cases) {
    INFO(each.text);
    CHECK(value_of(each.text, line) == each.gives);
  }
}

TEST_CASE("unknown values stay unknown, by Kleene's logic of three values") {
  const std::string line = R"({"a":1,"n":null,"t":true,"f":false})";
  const Case cases[] = {{"n + 1", "null"},
                        {"-n", "null"},
                        {"n > 0", "null"},
                        {"gone == 1", "null"},
                        {"gone != 1", "null"},
                        {"n == gone", "null"},
                        {"n == null", "true"},
                        {"null == gone", "true"},
                        {"a == null", "false"},
                        {"a != null", "true"},
                        {"n != null", "false"},
                        {"n + 1 == null", "true"},
                        {"null == null", "true"},
                        {"t and n", "null"},
                        {"n and t", "null"},
                        {"f and n", "false"},
                        {"n and f", "false"},
                        {"t or n", "true"},
                        {"n or t", "true"},
                        {"f or n", "null"},
                        {"n or f", "null"},
                        {"n or n", "null"},
                        {"n and n", "null"},
                        {"not n", "null"},
                        {"a / 0", "null"},
                        {"a % 0", "null"},
                        {"sqrt(-1)", "null"},
                        {"1e308 * 10", "null"},
                        {"min(a, n)", "null"},
                        {"coalesce(n, gone, a, 7)", "1"},
                        {"coalesce(n, gone) == null", "true"},
                        {"contains(n, 'x')", "null"}};
  for (const Case& each : cases) {
    INFO(each.text);
    CHECK(value_of(each.text, line) == each.gives);
  }
}

TEST_CASE("a type that will not do is an error in the result, with its text") {
  const std::string line = R"({"s":"35","n":3,"t":true,"o":{"x":1},"l":[1],"huge":1e999})";
  const Case cases[] = {{"s + 1", "error: s is a string where a number is needed"},
                        {"1 + s", "error: s is a string where a number is needed"},
                        {"abs(s)", "error: s is a string where a number is needed"},
                        {"n * (1 - t)", "error: t is true or false where a number is needed"},
                        {"s > 1", "error: s is a string and cannot be compared so"},
                        {"1 < s", "error: s is a string and cannot be compared so"},
                        {"s < n", "error: n is a number and cannot be compared so"},
                        {"t > 1", "error: t is true or false and cannot be compared so"},
                        {"o == 1", "error: o is an object or array and cannot be compared so"},
                        {"1 == l", "error: l is an object or array and cannot be compared so"},
                        {"n and t", "error: n is a number where true or false is needed"},
                        {"t and n", "error: n is a number where true or false is needed"},
                        {"not s", "error: s is a string where true or false is needed"},
                        {"contains(n, 'x')", "error: n is a number where a string is needed"},
                        {"huge > 1", "error: huge is a number beyond a double's range"},
                        {"s == 35", "false"},
                        {"s != 35", "true"},
                        {"t == 1", "false"},
                        // The right side is not evaluated when the left side decides.
                        {"t or s + 1 > 0", "true"},
                        {"not t and s + 1 > 0", "false"}};
  for (const Case& each : cases) {
    INFO(each.text);
    CHECK(value_of(each.text, line) == each.gives);
  }
}

TEST_CASE("a syntax error has its position") {
  CHECK(wrong("temperature_c >") ==
        "expected a field, a number or a string, but the text ends, at column 16\n"
        "  temperature_c >\n"
        "                 ^");
  CHECK(wrong("température = 3") ==
        "a comparison is written ==, at column 13\n"
        "  température = 3\n"
        "              ^");
  CHECK(wrong("") == "expected a field, a number or a string, but the text ends");
  CHECK(wrong("a >\n b c") ==
        "expected an operator, at column 4\n"
        "   b c\n"
        "     ^");
  const Case cases[] = {{"1 < x < 5", "comparisons cannot be chained; join two with `and`, at column 7"},
                        {"a == b == c", "comparisons cannot be chained; join two with `and`, at column 8"},
                        {"(a > 1", "expected a closing parenthesis, at column 7"},
                        {"a > 1)", "a closing parenthesis without an opening one, at column 6"},
                        {"a > 5m", "a number with a unit; compare with the bare number, at column 5"},
                        {"a & b", "write `and`, `or`, && or ||, at column 3"},
                        {"a > #", "an unexpected character, at column 5"},
                        {"a > 'x", "a string that is not closed, at column 5"},
                        {"a > 'x\\q'", "an unknown escape; there are \\\\ \\' \\\" \\/ \\n \\r \\t, at column 7"},
                        {"`a > 1", "a name in backticks that is not closed, at column 1"},
                        {"`` > 1", "an empty name, at column 1"},
                        {"a. > 1", "expected a name after the dot, at column 3"},
                        {"a > 01", "a number is written as in JSON: 0.5, 5, 1e3, at column 5"},
                        {"a > .5", "a number is written as in JSON: 0.5, 5, 1e3, at column 5"},
                        {"a > 1e999", "a number beyond a double's range, at column 5"},
                        {"a + 1", "a number where true or false is needed, at column 1"},
                        {"'x'", "a string where true or false is needed, at column 1"},
                        {"a > 1 and 3", "a number where true or false is needed, at column 11"},
                        {"not (a + 1)", "a number where true or false is needed, at column 5"},
                        {"a + 'x' > 1", "strings are joined with concat(s, t), at column 5"},
                        {"a > null", "null has no order; ask with == null or != null, at column 5"},
                        {"a > true", "true and false have no order, at column 5"},
                        {"1 == 'x'", "a string cannot be compared with a number, at column 6"},
                        {"a + not b", "put parentheses around `not …` here, at column 5"},
                        {"a and", "expected a field, a number or a string, but the text ends, at column 6"},
                        {"and a", "expected a field, a number or a string, at column 1"},
                        {"foo(1) > 1",
                         "no such function; there are abs, round, floor, ceil, sqrt, min, max, coalesce, contains, "
                         "starts_with, ends_with, lower, upper, trim, length, left, right, substr, replace, "
                         "concat, at column 1"},
                        {"min(1) > 1", "min takes 2 at least, at column 6"},
                        {"abs(1, 2) > 1", "abs takes 1 at most, at column 8"},
                        {"abs(1 2) > 1", "expected a comma or a closing parenthesis, at column 7"}};
  for (const Case& each : cases) {
    INFO(each.text);
    const std::string message = wrong(each.text);
    CHECK(message.substr(0, message.find('\n')) == each.gives);
  }
  CHECK(wrong("a > \xff") == "not UTF-8");
}

TEST_CASE("a hostile text meets its limits") {
  const auto repeated = [](const std::string& part, int n) {
    std::string text;
    for (int i = 0; i < n; ++i) text += part;
    return text;
  };
  const auto first_words = [](const std::string& message) { return message.substr(0, message.find(',')); };
  CHECK(first_words(wrong(repeated("(", 5000))) == "nested too deeply");
  CHECK(first_words(wrong(repeated("-", 5000) + "1")) == "nested too deeply");
  CHECK(first_words(wrong(repeated("not ", 3000) + "a")) == "nested too deeply");
  CHECK(first_words(wrong(repeated("abs(", 3000))) == "nested too deeply");
  CHECK(first_words(wrong(repeated("a or a and a < 1 + 1 * (", 60))) == "nested too deeply");
  CHECK(first_words(wrong(repeated("a+", 5000) + "1 > 0")) == "more than 4096 steps");
  CHECK(first_words(wrong(repeated("a+", 50000) + "1 > 0")) == "longer than 16384 bytes");
  CHECK(value_of(repeated("(", 60) + "1" + repeated(")", 60)) == "1");
  CHECK(value_of(repeated("1 + ", 1000) + "1") == "1001");
  CHECK(value_of(repeated("1 + (", 60) + "1" + repeated(")", 60)) == "61");
}

TEST_CASE("a prefix ends where the expression does") {
  std::size_t position = 5;
  const std::string text = "hot: a > 1 and b for 5m";
  const Expression expression = Expression::compile_condition_prefix(text, position);
  CHECK(expression.text() == "a > 1 and b");
  CHECK(text.substr(position) == "for 5m");
  CHECK(expression.fields() == std::vector<std::string>{"a", "b"});
}

TEST_CASE("the deciding comparisons name what is measured and its limit") {
  const auto parts = [](const std::string& text) {
    const Expression expression = Expression::compile(text);
    std::string all;
    for (const auto& each : expression.comparisons())
      all += std::string(expression.text(each.value)) + "|" + std::string(expression.text(each.threshold)) + ";";
    return all;
  };
  CHECK(parts("temperature_c > 35") == "temperature_c|35;");
  CHECK(parts("35 < temperature_c") == "temperature_c|35;");
  CHECK(parts("current < 0.5 * baseline and connected == true") == "current|0.5 * baseline;connected|true;");
  CHECK(parts("ph < 6.5 or ph > 9 or (abs(x) > -2)") == "ph|6.5;ph|9;abs(x)|-2;");
  CHECK(parts("not a > 1") == "");
  CHECK(parts("connected") == "");
  CHECK(parts("not a > 1 and b > 2") == "b|2;");
}

TEST_CASE("a token of a part keeps the digits that were written") {
  Expression expression = Expression::compile("a > 35.0 and b > 2 * a and c == 'x\"' and d > -5.50");
  FieldSet fields;
  expression.bind(fields);
  RecordParser parser(fields);
  const Record* record = parser.parse_copy(R"({"a":36.10,"b":3,"c":"x\u0022"})", 1);
  std::string out;
  for (const auto& each : expression.comparisons()) {
    expression.append_token(out, each.value, *record);
    out += ' ';
    expression.append_token(out, each.threshold, *record);
    out += ' ';
  }
  CHECK(out == R"(36.10 35.0 3 72.2 "x\u0022" "x\"" null -5.50 )");
}

TEST_CASE("operands may come from elsewhere than a record") {
  const Expression expression = Expression::compile("rest - a * 2");
  REQUIRE(expression.fields() == std::vector<std::string>{"rest", "a"});
  const Result operands[] = {Result::of(10.0), Result::of(3.0)};
  CHECK(expression.evaluate(operands).number == 4.0);
  const Result unknown[] = {Result::of(10.0), Result()};
  CHECK(expression.evaluate(unknown).type == Type::null);
}

TEST_CASE("an error over text with a decimal comma names what makes a number of it") {
  for (const char* text : {"t > 3", "t + 1", "round(t, 1)"}) {
    const Expression expression = Expression::compile(text);
    const Result operand = Result::of(std::string_view("21,5"));
    const std::string error = expression.error_text(expression.evaluate(std::span(&operand, 1)));
    CHECK(error.ends_with(" (csv-tail --decimal , makes it one)"));
  }
}

TEST_CASE("an operand of arithmetic needs a number") {
  const Expression joined = Expression::compile("concat(v * 2, s) == coalesce(t, -u) and round(w, 1) > max(x, 1)");
  CHECK(joined.fields() == std::vector<std::string>{"v", "s", "t", "u", "w", "x"});
  std::string needs;
  for (std::size_t i = 0; i < joined.fields().size(); ++i) needs += joined.needs_number(i) ? 'n' : '-';
  CHECK(needs == "n--nnn");
}

TEST_CASE("test() wants true, false or unknown") {
  Expression expression = Expression::compile_condition("connected");
  FieldSet fields;
  expression.bind(fields);
  RecordParser parser(fields);
  CHECK(expression.test(*parser.parse_copy(R"({"connected":true})", 1)).is_true());
  CHECK(expression.test(*parser.parse_copy(R"({})", 1)).type == Type::null);
  const Result result = expression.test(*parser.parse_copy(R"({"connected":1})", 1));
  CHECK(expression.error_text(result) == "connected is a number where true or false is needed");
}

TEST_CASE("numbers beyond a double's digits are compared exactly") {
  const std::string line =
      R"({"a":9223372036854775001,"b":9223372036854775301,"n":-9223372036854775001,"d":0.10000000000000000001,"e":0.1})";
  for (const Case& each : std::initializer_list<Case>{
           {"a < b", "true"},
           {"a == 9223372036854775000", "false"},
           {"a == 9223372036854775001", "true"},
           {"a > 9223372036854775000", "true"},
           {"n < -9223372036854775000", "true"},
           {"n >= -9223372036854775001", "true"},
           {"n > - 9223372036854775002", "true"},
           {"-(9223372036854775001) == n", "true"},
           {"d > e", "true"},
           {"e == 0.100000000000000000000", "true"},
           {"a == 9223372036854775001.0", "true"},
           {"min(b, a) == a", "true"},
           {"max(a, b) == b", "true"},
           {"max(a, b) == a", "false"},
           {"coalesce(x, a) != 9223372036854775002", "true"},
       }) {
    CAPTURE(each.text);
    CHECK(value_of(each.text, line) == each.gives);
  }
}

TEST_CASE("differences of numbers as written are exact") {
  const std::string line = R"({"a":9223372036854775001,"b":9223372036854775301,"x":110.3,"y":100.1,"z":0.1})";
  CHECK(value_of("b - a", line) == "300");
  CHECK(value_of("a - b", line) == "-300");
  CHECK(value_of("a - b == -300", line) == "true");
  CHECK(value_of("x - y", line) == "10.2");
  CHECK(value_of("y - x == -10.2", line) == "true");
  CHECK(value_of("1783468800123457089 - 1783468800123456789 > 250") == "true");
  CHECK(value_of("7 - 2.5 - 0.5") == "4");
  CHECK(value_of("-5 - -3") == "-2");
  CHECK(value_of("1e3 - 0.5") == "999.5");
  // Beyond 2^53, and one difference of another.
  CHECK(value_of("a - 7", line) == "9223372036854774994");
  CHECK(value_of("a - 7 - 2 == 9223372036854774992", line) == "true");
  CHECK(value_of("a - 7 > 9223372036854774993", line) == "true");
  CHECK(value_of("18446744073709551615 - 9007199254740994") == "18437736874454810621");
  CHECK(value_of("-9007199254740993 - 2") == "-9007199254740995");
  CHECK(value_of("18446744073709551615 - 9007199254740994 == 18437736874454810000") == "false");
}

TEST_CASE("a mistyped operator is answered with the right one") {
  CHECK(wrong("t => 3").starts_with("the operator is written >=, at column 3"));
  CHECK(wrong("t =< 3").starts_with("the operator is written <=, at column 3"));
  CHECK(wrong("t =~ 'x'")
            .starts_with("there are no patterns; ask with contains(s, t), starts_with(s, t) or ends_with(s, t), "));
  CHECK(wrong("t = 3").starts_with("a comparison is written =="));
}
