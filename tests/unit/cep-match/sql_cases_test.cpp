// SQL's semantics of row pattern matching, a case a point, over records of these tests.
#include "cases.hpp"
#include "catch.hpp"

using namespace weir::cep_match;
using cases::ab;
using cases::abc;
using cases::measured;
using cases::sql;

namespace {

/// DOWN and UP of a series of numbers.
const std::string slopes = " DEFINE DOWN AS n < PREV(n), UP AS n > PREV(n)";

}  // namespace

TEST_CASE("a variable without a definition fits every record") {
  CHECK(sql("50 40 30 60 70 20 10 30", "PATTERN (X DOWN+ UP+)" + slopes) ==
        "1: 1X 2DOWN 3DOWN 4UP 5UP | 2: 6X 7DOWN 8UP");
  CHECK(sql("a b", "PATTERN (A)") == "1: 1A | 2: 2A");
}

TEST_CASE("concatenation, groups and alternation") {
  CHECK(sql("c a b c", "PATTERN (A B C)" + abc) == "1: 2A 3B 4C");
  CHECK(sql("c a b c", "PATTERN (((A) (B (C))))" + abc) == "1: 2A 3B 4C");
  CHECK(sql("5 4 4 3", "PATTERN (DOWN | SAME | X) DEFINE DOWN AS n < PREV(n), SAME AS n <= PREV(n)") ==
        "1: 1X | 2: 2DOWN | 3: 3SAME | 4: 4DOWN");
  CHECK(sql("a b a c", "PATTERN (A (B | C))" + abc) == "1: 1A 2B | 2: 3A 4C");
}

TEST_CASE("quantifiers take much or little") {
  const std::string records = "x b b b";
  const std::string b = " DEFINE B AS v = 'b'";
  CHECK(sql(records, "PATTERN (B*)" + b) == "1: 1() | 2: 2B 3B 4B");
  CHECK(sql(records, "PATTERN (B*?)" + b) == "1: 1() | 2: 2() | 3: 3() | 4: 4()");
  CHECK(sql(records, "PATTERN (B+)" + b) == "1: 2B 3B 4B");
  CHECK(sql(records, "PATTERN (B+?)" + b) == "1: 2B | 2: 3B | 3: 4B");
  CHECK(sql(records, "PATTERN (B?)" + b) == "1: 1() | 2: 2B | 3: 3B | 4: 4B");
  CHECK(sql(records, "PATTERN (B?\?)" + b) == "1: 1() | 2: 2() | 3: 3() | 4: 4()");
  CHECK(sql(records, "PATTERN (B{2})" + b) == "1: 2B 3B");
  CHECK(sql(records, "PATTERN (B{2,})" + b) == "1: 2B 3B 4B");
  CHECK(sql(records, "PATTERN (B{2,}?)" + b) == "1: 2B 3B");
  CHECK(sql(records, "PATTERN (B{4,})" + b).empty());
  CHECK(sql(records, "PATTERN (B{,2})" + b) == "1: 1() | 2: 2B 3B | 3: 4B");
  CHECK(sql(records, "PATTERN (B{,2}?)" + b) == "1: 1() | 2: 2() | 3: 3() | 4: 4()");
  CHECK(sql(records, "PATTERN (B{,})" + b) == "1: 1() | 2: 2B 3B 4B");
  CHECK(sql(records, "PATTERN (B{1,2})" + b) == "1: 2B 3B | 2: 4B");
  CHECK(sql(records, "PATTERN (B{1,2}?)" + b) == "1: 2B | 2: 3B | 3: 4B");
}

TEST_CASE("a greedy quantifier gives back what the rest needs") {
  CHECK(sql("a a b", "PATTERN (A+ X) DEFINE A AS v = 'a'") == "1: 1A 2A 3X");
  CHECK(sql("a a a", "PATTERN (A+ X) DEFINE A AS v = 'a'") == "1: 1A 2A 3X");
  CHECK(sql("a a a", "PATTERN (A+? X) DEFINE A AS v = 'a'") == "1: 1A 2X");
  CHECK(sql("a b a b c", "PATTERN ((A B)+ C)" + abc) == "1: 1A 2B 3A 4B 5C");
}

TEST_CASE("an empty pattern and empty rounds end") {
  CHECK(sql("c b a c b", "PATTERN ((C B | (())*? | A)*)" + abc) == "1: 1C 2B | 2: 3() | 3: 4C 5B");
  CHECK(sql("a b", "PATTERN (() | A)") == "1: 1() | 2: 2()");
  CHECK(sql("x b b", "PATTERN (()* | B) DEFINE B AS v = 'b'") == "1: 1() | 2: 2() | 3: 3()");
  CHECK(sql("x b b", "PATTERN ((){5,} | B) DEFINE B AS v = 'b'") == "1: 1() | 2: 2() | 3: 3()");
  CHECK(sql("x b b", "PATTERN (B | ()*) DEFINE B AS v = 'b'") == "1: 1() | 2: 2B | 3: 3B");
  CHECK(sql("x b b", "PATTERN ((B ()*)*) DEFINE B AS v = 'b'") == "1: 1() | 2: 2B 3B");
  CHECK(sql("x b b", "PATTERN ((B ()*)*?) DEFINE B AS v = 'b'") == "1: 1() | 2: 2() | 3: 3()");
}

TEST_CASE("anchors are the beginning and the end of a key") {
  CHECK(sql("a a a", "PATTERN (^A)") == "1: 1A");
  CHECK(sql("a a a", "PATTERN (A^)").empty());
  CHECK(sql("a a a", "PATTERN (A$)") == "1: 3A");
  CHECK(sql("a a a", "PATTERN ($A)").empty());
  CHECK(sql("a a a", "PATTERN (^A+$)") == "1: 1A 2A 3A");
  CHECK(sql("x b b y", "PATTERN (^* | B) DEFINE B AS v = 'b'") == "1: 1() | 2: 2() | 3: 3() | 4: 4()");
  CHECK(sql("x b b y", "PATTERN (^+ | B) DEFINE B AS v = 'b'") == "1: 1() | 2: 2B | 3: 3B");
  CHECK(sql("x b b y", "PATTERN ($+ | B) DEFINE B AS v = 'b'") == "1: 2B | 2: 3B");
  CHECK(sql("x b b y", "PATTERN (B A $+) DEFINE B AS v = 'b'") == "1: 3B 4A");
}

TEST_CASE("PERMUTE prefers the order in which its parts are written") {
  CHECK(sql("b a x", "PATTERN (PERMUTE(A, B))" + ab) == "1: 1B 2A");
  CHECK(sql("5 4 3", "PATTERN (PERMUTE(B, C)) DEFINE B AS n < PREV(n), C AS n < PREV(n)") == "1: 2B 3C");
  CHECK(sql("c b a", "PATTERN (PERMUTE(A, B, C))" + abc) == "1: 1C 2B 3A");
  CHECK(sql("b a a c", "PATTERN (PERMUTE(A+, B) C)" + abc) == "1: 1B 2A 3A 4C");
}

TEST_CASE("records of an exclusion are matched and not written") {
  CHECK(sql("a b b c", "PATTERN (A {- B+ -} C)" + abc) == "1: 1A 4C");
  CHECK(sql("a b b c", "PATTERN (A {- B -}+ C)" + abc) == "1: 1A 4C");
  CHECK(sql("a b b c", "PATTERN ({- A -} B+ {- C -})" + abc) == "1: 2B 3B");
  CHECK(cases::refusal([] {
          Settings settings;
          settings.match_recognize = "ALL ROWS PER MATCH WITH UNMATCHED ROWS PATTERN ({- A -})";
          return settings;
        }()) == "--match-recognize: {- -} does not go with WITH UNMATCHED ROWS");
}

TEST_CASE("the rows of ALL ROWS PER MATCH") {
  const std::string b = "PATTERN (B*) DEFINE B AS v = 'b'";
  CHECK(sql("x b b y", b, "SHOW EMPTY MATCHES") == "1: 1() | 2: 2B 3B | 3: 4()");
  CHECK(sql("x b b y", b, "OMIT EMPTY MATCHES") == "2: 2B 3B");
  CHECK(sql("x b b y", "PATTERN (B+) DEFINE B AS v = 'b'", "WITH UNMATCHED ROWS") == "-1 | 1: 2B 3B | -4");
  CHECK(sql("9 9 8 7 6 9", "AFTER MATCH SKIP TO NEXT ROW PATTERN (X DOWN{2}) DEFINE DOWN AS n < PREV(n)",
            "WITH UNMATCHED ROWS") == "-1 | 1: 2X 3DOWN 4DOWN | 2: 3X 4DOWN 5DOWN | -6");
  CHECK(measured("x b b y", "MATCH_NUMBER() AS m, LAST(id) AS last, COUNT(*) AS n", b) ==
        R"({"m":1,"last":null,"n":0} {"m":2,"last":3,"n":2} {"m":3,"last":null,"n":0})");
}

TEST_CASE("AFTER MATCH SKIP") {
  const std::string records = "9 8 7 8 7 8";
  const std::string rest = " PATTERN (X DOWN+ UP+ NEVER?) SUBSET U = (UP, NEVER)" + slopes + ", NEVER AS false";
  CHECK(sql(records, rest) == "1: 1X 2DOWN 3DOWN 4UP");
  CHECK(sql(records, "AFTER MATCH SKIP PAST LAST ROW" + rest) == "1: 1X 2DOWN 3DOWN 4UP");
  CHECK(sql(records, "AFTER MATCH SKIP TO NEXT ROW" + rest) ==
        "1: 1X 2DOWN 3DOWN 4UP | 2: 2X 3DOWN 4UP | 3: 4X 5DOWN 6UP");
  const std::string two = "1: 1X 2DOWN 3DOWN 4UP | 2: 4X 5DOWN 6UP";
  CHECK(sql(records, "AFTER MATCH SKIP TO FIRST UP" + rest) == two);
  CHECK(sql(records, "AFTER MATCH SKIP TO LAST DOWN" + rest) == two);
  CHECK(sql(records, "AFTER MATCH SKIP TO DOWN" + rest) == two);
  CHECK(sql(records, "AFTER MATCH SKIP TO U" + rest) == two);
  // SQL would fail; a stream goes on after the first record, as with NEXT ROW.
  const std::string next = sql(records, "AFTER MATCH SKIP TO NEXT ROW" + rest);
  CHECK(sql(records, "AFTER MATCH SKIP TO X" + rest) == next);
  CHECK(sql(records, "AFTER MATCH SKIP TO NEVER" + rest) == next);
}

TEST_CASE("a union is the records of its variables") {
  CHECK(measured("95 80 60 80", "CLASSIFIER(U) AS u, CLASSIFIER(W) AS w, U.n AS n",
                 "PATTERN ((L | H) A) SUBSET U = (L, H), W = (A, L, H) DEFINE A AS n = 80, L AS n < 80, H AS n > 80") ==
        R"({"u":"H","w":"A","n":95} {"u":"L","w":"A","n":60})");
}

TEST_CASE("navigation by the match and by the key") {
  const auto each = [](const std::string& measure) { return measured("1 2 3", measure + " AS x", "PATTERN (A+)"); };
  CHECK(each("n") == R"({"x":3})");
  CHECK(each("FIRST(n)") == R"({"x":1})");
  CHECK(each("LAST(n, 2)") == R"({"x":1})");
  CHECK(each("FIRST(n, 1)") == R"({"x":2})");
  CHECK(each("LAST(n, 9)") == R"({"x":null})");
  CHECK(each("FIRST(A.n * 10)") == R"({"x":10})");
  CHECK(each("PREV(FIRST(n, 1))") == R"({"x":1})");
  CHECK(each("NEXT(FIRST(n), 2)") == R"({"x":3})");
  CHECK(each("NEXT(n)") == R"({"x":null})");
  CHECK(each("PREV(LAST(n, 9), 2)") == R"({"x":null})");
  // Further records outside of a match: trino_cases_test.cpp.
  CHECK(measured("1 2 3 3 4", "NEXT(B.n) AS x", "PATTERN (A B) DEFINE B AS n = PREV(n)") == R"({"x":4})");
}

TEST_CASE("NEXT in a definition looks at records to come") {
  CHECK(sql("1 2 3 1 5", "PATTERN (RISES+) DEFINE RISES AS NEXT(n) > n") == "1: 1RISES 2RISES | 2: 4RISES");
  // Records to come have no variable yet.
  CHECK(sql("1 2 3", "PATTERN (A+) DEFINE A AS NEXT(CLASSIFIER()) = 'A'").empty());
}

TEST_CASE("RUNNING is up to the row, FINAL of the whole match") {
  Settings settings;
  CHECK(measured("a b b", "LAST(A.id) AS a, FINAL LAST(B.id) AS f, RUNNING LAST(B.id) AS r", "PATTERN (A B+)" + ab) ==
        R"({"a":1,"f":3,"r":3})");
  CHECK(measured("a b b", "NEXT(FIRST(CLASSIFIER())) AS x, COUNT(B.*) AS n", "ALL ROWS PER MATCH PATTERN (A B+)" + ab)
            .find(R"("n":0)") != std::string::npos);
}

TEST_CASE("definitions refer to what has been matched") {
  CHECK(sql("1 1", "PATTERN ((A | B)* X) DEFINE X AS n = A.n") == "1: 1A 2X");
  CHECK(sql("1 1", "PATTERN ((A | B)* X) DEFINE X AS n = B.n") == "1: 1B 2X");
  CHECK(
      sql("1 2 3 4 5 6", "PATTERN ((A | B)* X) DEFINE X AS n = PREV(LAST(A.n), 3) + FIRST(A.n) + PREV(LAST(B.n), 2)") ==
      "1: 1B 2A 3A 4A 5B 6X");
  CHECK(sql("1 2 3 4 5",
            "PATTERN ((A | B)* X $) SUBSET U = (A, B) DEFINE X AS PREV(CLASSIFIER(U), 1) = 'A' AND LAST(CLASSIFIER(), "
            "3) = 'B' AND FIRST(CLASSIFIER(U)) = 'B'") == "1: 1B 2B 3A 4A 5X");
  CHECK(sql("1 2 3 4 9", "PATTERN (A+ X) DEFINE A AS n < 5 AND AVG(A.n) < 2.5, X AS n > SUM(A.n)") == "1: 1A 2X");
  CHECK(sql("1 1 1 4 9", "PATTERN (A+ X) DEFINE A AS n < 5 AND AVG(A.n) < 2.5, X AS n > SUM(A.n)") ==
        "1: 1A 2A 3A 4A 5X");
  CHECK(sql("1 2 3 4 5 6", "PATTERN (A{2,} X) DEFINE X AS COUNT(A.*) = 3") == "1: 1A 2A 3A 4X");
  CHECK(sql("3 1 2 7", "PATTERN (A+ X) DEFINE A AS n < 5, X AS n = MAX(A.n) + MIN(A.n) + 3") == "1: 1A 2A 3A 4X");
}

TEST_CASE("the preferred of very many matches") {
  std::string definition = "LAST1 AS ";
  for (int i = 0; i < 8; ++i)
    definition += (i == 0 ? "" : " AND ") + ("FIRST(CLASSIFIER(), " + std::to_string(i) + ") = 'B'");
  CHECK(sql("1 2 3 4 5 6 7 8 9", "PATTERN ((A | B)+ LAST1) DEFINE " + definition) ==
        "1: 1B 2B 3B 4B 5B 6B 7B 8B 9LAST1");
}

TEST_CASE("names in capitals and quotes, and SQL's spelling") {
  CHECK(sql("a b c", "pattern (a \"b\"+ C) define a AS v = 'a', \"b\" AS V IS NULL AND v IS NOT NULL AND v <> 'c'") ==
        "1: 1A 2b 3C");
  CHECK(sql("a", "PATTERN (A) DEFINE A AS v = 'it''s' OR v = 'a' -- a comment") == "1: 1A");
  CHECK(measured("1", "lower(LAST(CLASSIFIER())) AS c", "PATTERN (A)") == R"({"c":"a"})");
  CHECK(measured("3", "ABS(n - 5) AS a, COALESCE(LAST(n, 1), 7) AS c, MAX(n, 9) AS m", "PATTERN (A)") ==
        R"({"a":2,"c":7,"m":9})");
  CHECK(sql("a b", "PATTERN (Max(A | B)) DEFINE A AS false, B AS v = 'b'") == "1: 1MAX 2B");
  CHECK(measured("1 2 3", "PREV(RUNNING FIRST(n, 2)) AS r, PREV(FINAL LAST(n)) AS f", "PATTERN (A+)") ==
        R"({"r":2,"f":2})");
  CHECK(cases::running("1 2 3", "PREV(FINAL LAST(n))", "PATTERN (A+)") == "2 2 2");
  CHECK(cases::running("1 2 3", "PREV(RUNNING LAST(n))", "PATTERN (A+)") == "null 1 2");
}

TEST_CASE("WITHIN limits the time from the first record to the last") {
  CHECK(sql("a 5:a 9:b", "PATTERN (A+ B) WITHIN 4s" + ab) == "1: 2A 3B");
  CHECK(sql("a 5:a 9:b", "PATTERN (A+ B) WITHIN INTERVAL '8' SECOND" + ab) == "1: 1A 2A 3B");
}
