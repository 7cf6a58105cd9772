// What Flink finds in its own tests of MATCH_RECOGNIZE, for the queries that both can write.
#include "cases.hpp"
#include "catch.hpp"

using namespace weir::cep_match;
using cases::measured;
using cases::sql;

TEST_CASE("names and missing fields, as Flink's") {
  CHECK(sql("a z b c d a b c h", "PATTERN (`A\"` l C) DEFINE `A\"` AS v = 'a', l AS v = 'b', C AS v = 'c'") ==
        "1: 6A\" 7L 8C");
  CHECK(
      measured("a b c d x a b c x", "A.id AS a, LAST(B.w) AS b, C.id AS c, A.w AS w",
               "PATTERN (A B C) DEFINE A AS v = 'a' AND w IS NULL, B AS v = 'b' AND LAST(A.w) IS NULL, C AS v = 'c'") ==
      R"({"a":1,"b":null,"c":3,"w":null} {"a":6,"b":null,"c":8,"w":null})");
  CHECK(measured("a b c d e a b c f", "A.id AS a, LAST(B.id) AS b, C.id AS c",
                 "PATTERN (A B C) DEFINE A AS v = 'a' AND id > 0, B AS v = 'b' AND LAST(A.v, 2) IS NULL, C AS v = 'c' "
                 "AND LAST(A.v) = 'a'") == R"({"a":1,"b":2,"c":3} {"a":6,"b":7,"c":8})");
  CHECK(measured("19 17 13 20", "DOWN.id AS d, UP.id AS u",
                 "PATTERN (DOWN UP) DEFINE DOWN AS DOWN.n = 13, UP AS UP.n = 20") == R"({"d":3,"u":4})");
}

TEST_CASE("records in the order of their time, as Flink's") {
  Settings settings;
  settings.lateness = std::chrono::seconds(9);
  settings.match_recognize = "ORDER BY time";
  const std::string rest = "PATTERN (A B C) DEFINE A AS v = 'a', B AS v = 'b', C AS v = 'c'";
  CHECK(cases::running("2:a 1:b 3:c 9:a 10:b 11:c", "id", rest, settings) == "4 5 6");
  settings.match_recognize = "ORDER BY time, id DESC MEASURES id AS x " + rest;
  CHECK(cases::refusal(settings).find("ORDER BY takes the time alone") != std::string::npos);
}

TEST_CASE("offsets of FIRST and LAST, as Flink's") {
  const std::string down = "DEFINE DOWN AS n < LAST(DOWN.n, 1) OR LAST(DOWN.n, 1) IS NULL, UP AS ";
  // Flink's loop gives nothing back, and finds the second of these alone.
  CHECK(measured("19 17 13 20 20 26 20 25",
                 "FIRST(DOWN.id) AS f, LAST(DOWN.id) AS l, UP.id AS u, FIRST(DOWN.n + DOWN.id + 1) AS t, UP.n + UP.id "
                 "AS e",
                 "PATTERN (DOWN{2,} UP) " + down + "n < FIRST(DOWN.n)") ==
        R"({"f":1,"l":2,"u":3,"t":21,"e":16} {"f":6,"l":7,"u":8,"t":33,"e":33})");
  CHECK(measured("19 17 13 20", "FIRST(DOWN.n) AS f, LAST(DOWN.n) AS l, FIRST(DOWN.n, 5) AS x",
                 "PATTERN (DOWN{2,} UP) " + down + "n > LAST(DOWN.n)") == R"({"f":19,"l":13,"x":null})");
  const std::string whole =
      "PATTERN (`DOWN\"`{2,} UP) DEFINE `DOWN\"` AS n < LAST(n, 1) OR LAST(n, 1) IS NULL, UP AS n = FIRST(n) AND n > "
      "FIRST(n, 3) AND n = LAST(n, 7)";
  for (int i = 0; i < 8; ++i) {
    const std::string offset = std::to_string(i);
    CHECK(measured("20 19 18 17 16 15 14 20", "FIRST(id, " + offset + ") AS f, LAST(id, " + offset + ") AS l", whole) ==
          "{\"f\":" + std::to_string(1 + i) + ",\"l\":" + std::to_string(8 - i) + "}");
  }
}

TEST_CASE("sums, as Flink's") {
  CHECK(measured("1 2 1 1 4", "COUNT(D.n) AS c, SUM(D.n) AS s",
                 "PATTERN (A+ D? E) DEFINE A AS SUM(A.n) < 6, D AS false") == R"({"c":0,"s":null})");
  CHECK(measured("1 2 1 1 4", "SUM(A.n) AS a, SUM(B.n * B.id) AS b, AVG(B.n) AS m",
                 "PATTERN (A+ B+) DEFINE A AS SUM(A.n) < 4, B AS SUM(B.n * B.id) > 2") == R"({"a":3,"b":27,"m":2})");
  CHECK(measured("10 10 x x 3 3 3 3 2",
                 "SUM(A.n) AS s, COUNT(A.id) AS i, COUNT(A.n) AS p, COUNT(*) AS c, COUNT(n) AS n, LAST(id) AS l",
                 "PATTERN (A+ C) DEFINE A AS SUM(A.n) < 30, C AS id = 4 OR id >= 6") ==
        R"({"s":29,"i":7,"p":5,"c":8,"n":6,"l":8})");
}
