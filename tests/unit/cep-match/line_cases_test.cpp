// The line form, a case a point.
#include "cases.hpp"
#include "catch.hpp"

using namespace weir::cep_match;
using cases::line;

namespace {

Settings with(const std::string& skip, Timeouts timeouts = Timeouts::leave_out) {
  Settings settings;
  settings.skip = skip;
  settings.timeouts = timeouts;
  return settings;
}
Settings timed() { return with("past-last", Timeouts::write); }

}  // namespace

TEST_CASE("next is the very next record, then the next that fits") {
  CHECK(line("a x b a b", "a next b") == "4a 5b");
  CHECK(line("a x b a b", "a then b") == "1a 3b | 4a 5b");
  CHECK(line("a a b", "a then b") == "1a 3b");
  CHECK(line("a b x c", "a next b then c") == "1a 2b 4c");
  // What fits is taken: the first b, after which c does not come at once.
  CHECK(line("a b x b c", "a then b next c").empty());
}

TEST_CASE("alternation and groups") {
  CHECK(line("a x c b", "a then (b | c)") == "1a 3c");
  CHECK(line("a b a c d", "(a then b | a then c) then d") == "1a 2b 5d");
  CHECK(line("a x b a b c", "(a then b){2} then c") == "1a 3b 4a 5b 6c");
}

TEST_CASE("quantifiers in a line") {
  CHECK(line("a b x b c", "a then b+ then c") == "1a 2b 4b 5c");
  CHECK(line("a b x b c", "a next b+ then c") == "1a 2b 5c");
  CHECK(line("a b b b", "a then b{2}") == "1a 2b 3b");
  CHECK(line("a b b b", "a then b{1,2}") == "1a 2b 3b");
  CHECK(line("a b b b", "a then b+?") == "1a 2b");
  CHECK(line("a c", "a then b? then c") == "1a 2c");
  CHECK(line("a c b c", "a then b? then c") == "1a 2c");
  CHECK(line("a x a b", "a+ then b") == "1a 3a 4b");
  CHECK(line("a x a b", "a+? then b") == "1a 3a 4b");
  CHECK(line("a b b x b", "a then b* within 10s") == "1a 2b 3b 5b");
}

TEST_CASE("conditions over earlier steps") {
  CHECK(line("20 31 33 38", "a then b", {}, "a: n > 30;b: b.n > a.n + 5") == "2a 4b");
  CHECK(line("1 2 3 2 9", "up+ then peak", {}, "up: up.n > coalesce(last(up.n, 1), 0) and n < 5;peak: n > sum(up.n)") ==
        "1up 2up 3up 5peak");
  CHECK(line("5 6 7 1 20", "a{3} then b", {}, "a: n > 4;b: n > 3 * avg(a.n) and count(a) == 3") == "1a 2a 3a 5b");
  CHECK(line("7 3 3 7", "a then b", {}, "a: n > 5;b: n == first(a.n)") == "1a 4b");
  CHECK(line("1 2 4 4 8", "a next b", {}, "a: true;b: n == 2 * prev(n)") == "1a 2b | 4a 5b");
}

TEST_CASE("absence between steps") {
  CHECK(line("a x c", "a then not b then c") == "1a 3c");
  CHECK(line("a b c a c", "a then not b then c") == "4a 5c");
  CHECK(line("a d c", "a then not (b | d) then c").empty());
  CHECK(line("a x c", "a next not b then c") == "1a 3c");
  CHECK(line("a b c", "a next not b then c").empty());
  CHECK(line("a x b c", "a next not b then c") == "1a 4c");
  CHECK(line("a b b c d", "a then b{2} then not c then d").empty());
  CHECK(line("a b x b d", "a then b{2} then not c then d") == "1a 2b 4b 5d");
  // An optional step does not end the absence, whether it is there or not.
  CHECK(line("a b d", "a then not b then c? then d").empty());
  CHECK(line("a c b d", "a then not b then c? then d").empty());
  CHECK(line("a c x d", "a then not b then c? then d") == "1a 2c 4d");
  // Nor does an optional part of several records.
  for (const char* optional : {"c*", "c{,2}", "(c{2})?", "(c then c)?", "(c then c | c)?", "(c* | c then c)"}) {
    const std::string pattern = std::string("a then not b then ") + optional + " then d";
    CHECK(line("a c b c d", pattern).empty());
    CHECK(line("a c x c d", pattern).ends_with("4c 5d"));
  }
  for (const char* must : {"c+", "c{1,2}", "c{2}", "(c then c)"})
    CHECK(line("a c b c d", std::string("a then not b then ") + must + " then d") == "1a 2c 4c 5d");
  // Where none must come, it lasts to the last record of the match.
  CHECK(line("a c b c", "a then not b then c{,2}") == "1a 2c");
  CHECK(line("a b c", "a then not b then c?") == "1a");
}

TEST_CASE("absence at the end, by the time of records and at the end of the input") {
  CHECK(line("1:a 7:x", "a then not b within 5s") == "1a");
  CHECK(line("1:a", "a then not b within 5s") == "1a");
  CHECK(line("1:a 6:b", "a then not b within 5s").empty());
  CHECK(line("1:a 7:b", "a then not b within 5s") == "1a");
  CHECK(line("1:a 3:c 9:b", "a then c then not b within 5s") == "1a 2c");
  CHECK(line("1:a 3:c 6:b", "(a then c then not b) within 5s").empty());
  CHECK(line("1:a 3:c 7:b", "(a then c then not b) within 5s") == "1a 2c");
  CHECK(line("1:a 9:c", "a then not b within 5s then c") == "1a 2c");
  CHECK(line("1:a 5:c 9:c", "a then not b within 5s then c") == "1a 3c");
  CHECK(line("a", "a next not b") == "1a");
  CHECK(line("a b", "a next not b").empty());
}

TEST_CASE("absence before the first step") {
  CHECK(line("1:a 4:b", "not a within 5s then b").empty());
  CHECK(line("1:a 6:b", "not a within 5s then b").empty());
  CHECK(line("1:a 7:b", "not a within 5s then b") == "2b");
  CHECK(line("1:b 2:a 3:b 4:c 9:b 10:c", "not a within 5s then b next c") == "5b 6c");
}

TEST_CASE("within and gap") {
  CHECK(line("1:a 11:b", "a then b within 10s") == "1a 2b");
  CHECK(line("1:a 12:b", "a then b within 10s").empty());
  CHECK(line("1:a 5:a 12:b", "a then b within 10s") == "2a 3b");
  CHECK(line("1:a 4:b 9:c", "a then b then c gap 5s") == "1a 2b 3c");
  CHECK(line("1:a 4:b 10:c", "a then b then c gap 5s").empty());
  CHECK(line("1:a 4:b 6:b 20:x", "a then b+ gap 5s") == "1a 2b 3b");
}

TEST_CASE("partial matches whose time is up") {
  CHECK(line("1:a 20:x", "a then b within 10s", timed()) == "!1a");
  CHECK(line("1:a 3:a 20:b", "a then b within 10s", timed()) == "!1a | !2a");
  CHECK(line("1:a 3:b 20:c", "a then b then c within 10s", timed()) == "!1a 2b");
  CHECK(line("1:a 3:b 4:c", "a then b then c within 10s", timed()) == "1a 2b 3c");
  CHECK(line("1:a", "a then b", timed()) == "!1a");
  CHECK(line("1:a 2:b 20:x", "a then b then c gap 5s", timed()) == "!1a 2b");
}

TEST_CASE("where the search goes on") {
  CHECK(line("a a b b", "a then b", with("past-last")) == "1a 3b");
  CHECK(line("a a b b", "a then b", with("next-row")) == "1a 3b | 2a 3b");
  CHECK(line("a b a b", "a then b then a then b", with("first:b")) == "1a 2b 3a 4b");
  CHECK(line("a b a b a b", "a then b then a then b", with("last:a")) == "1a 2b 3a 4b | 3a 4b 5a 6b");
  CHECK(line("a b b", "a then b+", with("none")) == "1a 2b | 1a 2b 3b");
  CHECK(line("a a b b", "a then b{1,2}", with("none")) == "1a 3b | 2a 3b | 1a 3b 4b | 2a 3b 4b");
  CHECK(line("a b", "a then b", with("first:a")) == "1a 2b");
}

TEST_CASE("names and records that are not as expected") {
  Settings settings;
  settings.pattern = "a then `then`";
  settings.define = {"a: v == 'a'"};
  CHECK(cases::refusal(settings) == "--define: the step then has no definition ('then: true' is any record)");
  settings.define.emplace_back("b: v == 'b'");
  CHECK(cases::refusal(settings) == "--define: b is not a step of --pattern");
}
