#include "window/aggregate.hpp"

#include "catch.hpp"

using weir::Aggregate;
using weir::Function;
using weir::parse_aggregates;

namespace {

std::string problem_of(std::string_view text) {
  try {
    static_cast<void>(parse_aggregates(text));
  } catch (const weir::AggregateSyntaxError& error) {
    return error.what();
  }
  return "none";
}

}  // namespace

TEST_CASE("a list of aggregates") {
  CHECK(parse_aggregates("avg(temperature_c) as mean, max(temperature_c) as hottest, count() as n") ==
        std::vector<Aggregate>{{Function::avg, "temperature_c", "mean"},
                               {Function::max, "temperature_c", "hottest"},
                               {Function::count, "", "n"}});
  CHECK(parse_aggregates(" COUNT ( * ),count( a.b )AS x,last(\"odd, \\\"name\\\" (1)\") as \"the last\"") ==
        std::vector<Aggregate>{{Function::count, "", "count"},
                               {Function::count, "a.b", "x"},
                               {Function::last, "odd, \"name\" (1)", "the last"}});
}

TEST_CASE("a column without a name is named by field and function") {
  const auto list = parse_aggregates(R"(min(a.b),stddev(c\.d),count())");
  CHECK(list[0].name == "a.b_min");
  CHECK(list[1].name == "c.d_stddev");
  CHECK(list[2].name == "count");
}

TEST_CASE("what cannot be read is said with its place") {
  const std::string known = "count, sum, avg, min, max, first, last, stddev";
  CHECK(problem_of("") == "at character 1 (the end): expected a function (" + known + ")");
  CHECK(problem_of("count(),") == "at character 9 (the end): expected a function (" + known + ")");
  CHECK(problem_of("avrg(x)") == "at character 1 ('avrg(x)'): there is no function 'avrg'; there are " + known);
  CHECK(problem_of("avg") == "at character 4 (the end): expected '(' after 'avg'");
  CHECK(problem_of("avg()") == "at character 5 (')'): expected a field: avg(FIELD)");
  CHECK(problem_of("avg(a b)") == "at character 7 ('b)'): expected ')'");
  CHECK(problem_of("avg(a..b)") == "at character 5 ('a..b)'): the path 'a..b' has an empty part");
  CHECK(problem_of("avg(a) mean") == "at character 8 ('mean'): expected 'as', ',' or the end, not 'mean'");
  CHECK(problem_of("avg(a) as") == "at character 10 (the end): expected a name after 'as'");
  CHECK(problem_of("avg(a) as \"x") == "at character 11 ('\"x'): this quote is not closed");
  CHECK(problem_of("avg(a) as x)") == "at character 12 (')'): expected ',' or the end");
  CHECK(problem_of("avg(a), avg(a)") ==
        "at character 9 ('avg(a)'): a second column named 'a_avg'; give it another name with 'as NAME'");
}
