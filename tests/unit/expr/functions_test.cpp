#include <string>
#include <vector>

#include "evaluated.hpp"

using namespace weir;
using namespace weir::test;

TEST_CASE("round takes a number of decimals") {
  CHECK(value_of("round(x, 1)", R"({"x":-1.4165972222222223})") == "-1.4");
  CHECK(value_of("round(2.675, 2)") == "2.68");
  CHECK(value_of("round(x / 3, 3)", R"({"x":2})") == "0.667");
  CHECK(value_of("round(1250, -2)") == "1300");
  CHECK(value_of("round(x, 2) == 9223372036854775807", R"({"x":9223372036854775807})") == "true");
  CHECK(value_of("round(x, 2) == 9223372036854775806", R"({"x":9223372036854775807})") == "false");
  CHECK(value_of("round(x, 2)") == "null");
  CHECK(value_of("round(2.5) + round(-2.5)") == "0");
  CHECK(value_of("round(1.5, n)", R"({"n":"2"})") == "error: n is a string where a number is needed");
  CHECK(first_line(wrong("round(1, 2, 3) > 1")) == "round takes 2 at most, at column 13");
}

TEST_CASE("functions of strings") {
  const std::string line = R"({"s":" Küche 7 ","t":"Wärme ÄÖÜ ß Ж","n":12.50,"b":true})";
  for (const Case& each :
       std::vector<Case>{{"lower(t)", "'wärme äöü ß ж'"},
                         {"upper(t)", "'WÄRME ÄÖÜ ß Ж'"},
                         {"trim(s)", "'Küche 7'"},
                         {"length(trim(s))", "7"},
                         {"length('')", "0"},
                         {"left(trim(s), 2)", "'Kü'"},
                         {"left(t, 0)", "''"},
                         {"left(t, -3)", "''"},
                         {"right(trim(s), 3)", "'e 7'"},
                         {"right('ab', 5)", "'ab'"},
                         {"right('ab', 1e20)", "'ab'"},
                         {"left('ab', 1e20)", "'ab'"},
                         {"substr('abcdef', 0)", "'abcdef'"},
                         {"substr(t, 1, 3)", "'Wär'"},
                         {"substr(t, 2, 1)", "'ä'"},
                         {"substr('abcdef', 3)", "'cdef'"},
                         {"substr('abcdef', -2)", "'ef'"},
                         {"substr('abcdef', -2, 1)", "'e'"},
                         {"substr('abcdef', 0, 3)", "'ab'"},  // as in SQL: place 0 is before the first
                         {"substr('abc', 9)", "''"},
                         {"substr('abc', -9, 8)", "'ab'"},
                         {"replace('a,b,c', ',', '; ')", "'a; b; c'"},
                         {"replace('aaa', 'aa', 'b')", "'ba'"},
                         {"replace('abc', '', 'x')", "'abc'"},
                         {"replace('abc', 'x', 'y')", "'abc'"},
                         {"concat(trim(s), '/', n, '/', b, '/', n * 2)", "'Küche 7/12.50/true/25'"},
                         {"concat('a', missing)", "null"},
                         {"upper(missing)", "null"},
                         {"substr('abc', missing)", "null"},
                         {"lower(concat('A', upper('b'), 'C')) == 'abc' and length(concat('x', 'y')) == 2", "true"},
                         {"coalesce(missing, lower('A'))", "'a'"},
                         {"contains(lower(t), 'wärme') and starts_with(upper(trim(s)), 'KÜ')", "true"},
                         {"lower(n)", "error: n is a number where a string is needed"},
                         {"left(t, t)", "error: t is a string where a number is needed"},
                         {"substr('abc', 1, b)", "error: b is true or false where a number is needed"},
                         {"replace(t, n, 'x')", "error: n is a number where a string is needed"},
                         {"length(trim(n))", "error: n is a number where a string is needed"}}) {
    CAPTURE(each.text);
    CHECK(value_of(each.text, line) == each.gives);
  }
  CHECK(value_of("concat(o, 'x')", R"({"o":{}})") == "error: o is an object or array where a string is needed");
  CHECK(first_line(wrong("lower(1) == 'a'")) == "a number where a string is needed, at column 7");
  CHECK(first_line(wrong("left('a', 'b') == 'a'")) == "a string where a number is needed, at column 11");
  CHECK(first_line(wrong("replace('a', 'b') == 'a'")) == "replace takes 3 at least, at column 17");
  CHECK(first_line(wrong("lower(a)")) == "a string where true or false is needed, at column 1");
  CHECK(first_line(wrong("name + 'x' == 'ax'")) == "strings are joined with concat(s, t), at column 8");
  CHECK(Expression::compile("left(a, 2) == b").handles_text());
  CHECK(Expression::compile("a == 'on'").handles_text());
  CHECK_FALSE(Expression::compile("round(a, 2) > max(b, 1)").handles_text());
}

TEST_CASE("a string that functions make has a greatest length") {
  const std::string half(600'000, 'a');
  const std::string line = R"({"s":")" + half + R"("})";
  CHECK(value_of("length(concat(s, 'x'))", line) == "600001");
  CHECK(value_of("length(concat(s, s)) > 0", line) == "error: concat(s, s) is longer than 1048576 bytes");
  CHECK(value_of("replace(s, 'a', 'aaaa') == 'x'", line) ==
        "error: replace(s, 'a', 'aaaa') is longer than 1048576 bytes");
}
