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

TEST_CASE("an error is reported with its position") {
  const std::string known =
      "count, sum, avg, min, max, first, last, stddev, stddev_pop, var, var_pop, median, distinct, range, delta, rate, "
      "twa, integral, increase, pNN";
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

TEST_CASE("quantiles, conditions, several fields and all of them") {
  const auto list = parse_aggregates(
      "median(x), p99.9(x), P5(x) as low, count(status >= 500) as errors, count(a, b), avg(x) if s == 'ok' and t > 2 "
      "as y,"
      "max(*), count(*) as n");
  REQUIRE(list.size() == 9);
  CHECK(list[0].name == "x_median");
  CHECK(list[0].quantile == 0.5);
  CHECK(list[1].name == "x_p99.9");
  CHECK(list[1].quantile == Approx(0.999));
  CHECK(list[2].quantile == 0.05);
  CHECK(list[3].condition == "status >= 500");
  CHECK(list[3].field.empty());
  CHECK(list[4].name == "a_count");
  CHECK(list[5].name == "b_count");
  CHECK(list[6].condition == "s == 'ok' and t > 2");
  CHECK(list[6].name == "y");
  CHECK(list[7].every_field);
  CHECK_FALSE(list[8].every_field);
}

TEST_CASE("options that exclude each other") {
  CHECK(problem_of("p101(x)").find("there is no function 'p101'") != std::string::npos);
  CHECK(problem_of("count(a > 1)") == "at character 13 (the end): a count under a condition needs a name: 'as NAME'");
  CHECK(problem_of("avg(a, b) as m") == "at character 11 ('as m'): 'as NAME' cannot name several fields: leave it out");
  CHECK(problem_of("max(*) if a > 1") == "at character 8 ('if a > 1'): 'if' does not go with '*'");
  CHECK(problem_of("count(a > 1) if b > 1 as n") ==
        "at character 14 ('if b > 1 as n'): 'if' does not go with a condition within");
  CHECK(problem_of("max(*), max(*)") == "at character 9 ('max(*)'): the same function of every field a second time");
  CHECK(problem_of("avg(x) if 1 + 2").find("at character 11") == 0);
}

TEST_CASE("rounding, carry and units belong to a function") {
  const auto columns = weir::parse_aggregates(
      "round(avg(t), 1), ROUND( twa(w) carry , 3 ) if on as held, integral(w, v) per hour, increase(kwh) as used");
  REQUIRE(columns.size() == 5);
  CHECK(columns[0].name == "t_avg");
  CHECK(columns[0].decimals == std::int8_t{1});
  CHECK(columns[1].name == "held");
  CHECK(columns[1].carry);
  CHECK(columns[1].condition == "on");
  CHECK(columns[1].decimals == std::int8_t{3});
  CHECK(columns[2].name == "w_integral");
  CHECK(columns[3].name == "v_integral");
  CHECK(columns[3].per == 3600);
  CHECK(columns[4].function == weir::Function::increase);
  const std::string unit =
      ": integral needs its unit of time: 'integral(FIELD) per hour' (W becomes Wh), or per second, minute, day";
  CHECK(problem_of("integral(w)") == "at character 12 (the end)" + unit);
  CHECK(problem_of("integral(w) per week") == "at character 13 ('per week')" + unit);
  CHECK(problem_of("avg(w) carry") == "at character 8 ('carry'): expected 'as', ',' or the end, not 'carry'");
  CHECK(problem_of("round(avg(t))") ==
        "at character 13 (')'): expected ',' and a number of decimals: round(avg(FIELD), 1)");
  CHECK(problem_of("round(avg(t), x)") == "at character 15 ('x)'): expected a number of decimals, 0 to 15");
  CHECK(problem_of("round(avg(t), 16)") == "at character 15 ('16)'): expected a number of decimals, 0 to 15");
}
