// What Trino finds in its own tests of aggregate functions in row pattern matching, over records of these tests. Its
// lists of variables (array_agg) are the variable of each row here.
#include "cases.hpp"
#include "catch.hpp"

using namespace weir::cep_match;
using cases::measured;
using cases::running;
using cases::sql;

namespace {

Settings by_key() {
  Settings settings;
  settings.match_recognize = "PARTITION BY k";
  settings.lateness = std::chrono::seconds(9);
  return settings;
}

/// Two keys, the second of numbers twice as large.
const std::string two_keys = "p/1:1 p/2:2 p/3:3 p/4:4 p/5:5 q/1:2 q/2:4 q/3:6 q/4:8 q/5:10";

/// Three keys of equal numbers, out of order.
const std::string three_keys = "p/1:1 p/2:1 p/6:1 q/2:10 r/2:100 r/1:100 p/3:1 p/4:1 p/5:1 q/1:10 r/3:100 q/3:10";

}  // namespace

TEST_CASE("sums up to a row, as Trino's") {
  CHECK(running("1 2 3 4 5 6 7 8", "RUNNING SUM(n)", "PATTERN (A*) DEFINE A AS true") == "1 3 6 10 15 21 28 36");
  CHECK(running("1 2 3 4 5 6 7 8", "CLASSIFIER(A)", "PATTERN (A*) DEFINE A AS true") == "A A A A A A A A");
  CHECK(running("1 2 3 4 5 6 7 8", "lower(CLASSIFIER(U))",
                "PATTERN (M A X X T C H \"!\") SUBSET U = (M, A, T, C, H, \"!\") DEFINE M AS true") ==
        "m a a a t c h !");
  CHECK(running("1 2 3 4", "COUNT(U.*)", "PATTERN (X Y Z Y) SUBSET U = (X, Z) DEFINE X AS true") == "1 1 2 2");
  CHECK(running("1 2 3 4", "SUM(U.id)", "PATTERN (X Y Z Y) SUBSET U = (X, Z) DEFINE X AS true") == "1 1 4 4");
  CHECK(running("1 2 3 4", "CLASSIFIER(U)", "PATTERN (X Y Z Y) SUBSET U = (X, Z) DEFINE X AS true") == "X X Z Z");
}

TEST_CASE("sums of each key, as Trino's") {
  const std::string by_match = "concat(k, MATCH_NUMBER(), '-', RUNNING SUM(n))";
  CHECK(running(three_keys, by_match, "PATTERN (B+) DEFINE B AS true", by_key()) ==
        "p1-1 p1-2 p1-3 p1-4 p1-5 p1-6 q1-10 q1-20 q1-30 r1-100 r1-200 r1-300");
  CHECK(running(three_keys, by_match, "AFTER MATCH SKIP TO NEXT ROW PATTERN (B+) DEFINE B AS true", by_key()) ==
        "p1-1 p1-2 p1-3 p1-4 p1-5 p1-6 p2-1 p2-2 p2-3 p2-4 p2-5 p3-1 p3-2 p3-3 p3-4 p4-1 p4-2 p4-3 p5-1 p5-2 p6-1 "
        "q1-10 q1-20 q1-30 q2-10 q2-20 q3-10 r1-100 r1-200 r1-300 r2-100 r2-200 r3-100");
}

TEST_CASE("variables that are tried and dropped, as Trino's") {
  CHECK(sql("4 6 0", "PATTERN ((A | B)*) DEFINE A AS AVG(B.n) = 5") == "1: 1B 2B 3A");
  CHECK(running("4 6 0", "RUNNING AVG(B.n)", "PATTERN ((A | B)*) DEFINE A AS AVG(B.n) = 5") == "4 5 5");
  CHECK(sql("4 6 0 5", "PATTERN ((A | B)*) DEFINE A AS AVG(A.n) = 5") == "1: 1B 2B 3B 4A");
  CHECK(running("4 6 0 5", "RUNNING AVG(A.n)", "PATTERN ((A | B)*) DEFINE A AS AVG(A.n) = 5") == "null null null 5");
  const std::string sums = "concat(k, RUNNING SUM(n))";
  CHECK(running(three_keys, sums, "PATTERN (B (A | B) B) DEFINE A AS SUM(n) > 1000", by_key()) ==
        "p1 p2 p3 q10 q20 q30 r100 r200 r300 p1 p2 p3");
  const std::string equal = "p/1:1 p/2:1 p/3:1 p/4:1 p/5:1 q/1:2 q/2:2 q/3:2 q/4:2 q/5:2";
  CHECK(running(equal, "concat(CLASSIFIER(), RUNNING SUM(n))", "PATTERN ((A | B)*) DEFINE A AS SUM(n) > 4", by_key()) ==
        "B1 B2 B3 B4 A5 B2 B4 A6 A8 A10");
  CHECK(running(two_keys, "concat(CLASSIFIER(), RUNNING MAX(n))", "PATTERN ((A | B)*) DEFINE A AS MAX(n) > 4",
                by_key()) == "B1 B2 B3 B4 A5 B2 B4 A6 A8 A10");
  CHECK(running(two_keys, "concat(CLASSIFIER(), RUNNING MAX(n))", "PATTERN ((A | B)*) DEFINE A AS MAX(n + 1) > 5",
                by_key()) == "B1 B2 B3 B4 A5 B2 B4 A6 A8 A10");
}

TEST_CASE("counts, as Trino's") {
  const auto later = [](const std::string& count) {
    return running("1 2 3 4", count, "PATTERN (X Y Z) DEFINE X AS id > 1");
  };
  CHECK(later("COUNT(*)") == "1 2 3");
  CHECK(later("COUNT()") == "1 2 3");
  const auto each = [](const std::string& count) {
    return running("1 2 3 4", count, "PATTERN (A B C D) SUBSET U = (B, D) DEFINE A AS true");
  };
  for (const char* running_count : {"RUNNING COUNT(*)", "RUNNING COUNT()"}) CHECK(each(running_count) == "1 2 3 4");
  for (const char* final_count : {"FINAL COUNT(*)", "FINAL COUNT()"}) CHECK(each(final_count) == "4 4 4 4");
  CHECK(each("COUNT(C.*)") == "0 0 1 1");
  CHECK(each("COUNT(U.*)") == "0 1 1 2");
}

TEST_CASE("a variable with the name of a field, as Trino's") {
  const auto each = [](const std::string& count) {
    return running("1 2 x 4", count, "PATTERN (n B n n) DEFINE n AS true");
  };
  CHECK(each("CLASSIFIER()") == "N B N N");
  CHECK(each("COUNT(n.n)") == "1 1 1 2");
  CHECK(each("COUNT(n.*)") == "1 1 2 3");
  // Trino's COUNT(n) is of the field: 1 2 2 3. Here a name in parentheses is that of the variable.
  CHECK(each("COUNT(n)") == "1 1 2 3");
}

TEST_CASE("sums with excluded records, as Trino's") {
  CHECK(running("1 2 3 4 5", "SUM(n)", "PATTERN (P {- Q R -} S) DEFINE P AS id > 1") == "2 14");
  CHECK(running("1 2 3 4 5", "CLASSIFIER()", "PATTERN (P {- Q R -} S) DEFINE P AS id > 1") == "P S");
}

TEST_CASE("sums that balance, as Trino's") {
  const auto each = [](const std::string& measure) {
    return running("4 6 10 1 1 1 10 5 1", measure, "PATTERN ((A | B)*) DEFINE A AS SUM(A.n) - A.n <= SUM(B.n)");
  };
  CHECK(each("CLASSIFIER()") == "B A B A A A A B A");
  CHECK(each("RUNNING SUM(A.n)") == "null 6 6 7 8 9 19 19 20");
  CHECK(each("RUNNING SUM(B.n)") == "4 4 14 14 14 14 14 19 19");
}

TEST_CASE("lengths of sessions, as Trino's") {
  const std::string rest =
      "ONE ROW PER MATCH PATTERN ((A B* C | D)*) DEFINE B AS n = PREV(n) + 1, C AS n = PREV(n) + 1";
  CHECK(measured("3 4 5 8 9", "COALESCE(SUM(C.n) - SUM(A.n), 0) AS x", rest) == R"({"x":3})");
  CHECK(measured("2 3 4", "COALESCE(SUM(C.n) - SUM(A.n), 0) AS x", rest) == R"({"x":2})");
}

TEST_CASE("parts of equal sums, as Trino's") {
  CHECK(sql("1 2 3 4 5 6 7 8",
            "PATTERN (^(A | B)* (LAST_A | LAST_B)$) DEFINE LAST_A AS SUM(A.n) + n = SUM(B.n), LAST_B AS SUM(B.n) + n = "
            "SUM(A.n)") == "1: 1A 2A 3A 4A 5B 6B 7B 8LAST_A");
  CHECK(sql("1 2 3 4 5 6",
            "PATTERN (^(A | B | C)* (LAST_A | LAST_B | LAST_C)$) DEFINE LAST_A AS SUM(A.n) + n = SUM(B.n) AND SUM(B.n) "
            "= SUM(C.n), LAST_B AS SUM(B.n) + n = SUM(A.n) AND SUM(A.n) = SUM(C.n), LAST_C AS SUM(C.n) + n = SUM(A.n) "
            "AND SUM(A.n) = SUM(B.n)") == "1: 1A 2B 3C 4C 5B 6LAST_A");
}

TEST_CASE("ways that only the last condition tells apart, as Trino's") {
  CHECK(sql("1 2 3 4",
            "PATTERN ((A | B | C)* X) DEFINE X AS concat(FIRST(CLASSIFIER()), FIRST(CLASSIFIER(), 1), "
            "FIRST(CLASSIFIER(), 2), LAST(CLASSIFIER())) = 'CABX'") == "1: 1C 2A 3B 4X");
  CHECK(sql("1 2 3", "PATTERN ((A | B)* X) DEFINE X AS AVG(B.n) = 1") == "1: 1B 2A 3X");
  CHECK(sql("1 2 3", "PATTERN ((A | B)* X) DEFINE X AS SUM(B.n) = 1") == "1: 1B 2A 3X");
  CHECK(sql("1 2 3", "PATTERN ((A | B)* X) DEFINE X AS FIRST(CLASSIFIER()) = 'B' AND LAST(CLASSIFIER(), 1) = 'A'") ==
        "1: 1B 2A 3X");
}

TEST_CASE("the sums of each match, as Trino's") {
  const auto each = [](const std::string& measure) {
    return running("1 2 3 4 5 6 7 8", measure, "PATTERN (A B C D) DEFINE A AS true");
  };
  CHECK(each("MATCH_NUMBER()") == "1 1 1 1 2 2 2 2");
  CHECK(each("CLASSIFIER()") == "A B C D A B C D");
  CHECK(each("RUNNING COUNT(*) * MATCH_NUMBER() * 100") == "100 200 300 400 200 400 600 800");
  CHECK(each("FINAL COUNT(*) * -MATCH_NUMBER()") == "-4 -4 -4 -4 -8 -8 -8 -8");
  CHECK(each("RUNNING MAX(id) + 100 * MATCH_NUMBER()") == "101 102 103 104 205 206 207 208");
  CHECK(each("-MATCH_NUMBER() - FINAL MAX(id)") == "-5 -5 -5 -5 -10 -10 -10 -10");
}
