// What Flink's CEP library finds in its own tests of quantifiers, loops and iterative conditions, for the patterns that
// both can write. Where weir finds something else on purpose, the case says what Flink finds.
#include "cases.hpp"
#include "catch.hpp"

using namespace weir::cep_match;
using cases::line;

namespace {

Settings none() {
  Settings settings;
  settings.skip = "none";
  return settings;
}
std::string all(std::string_view records, const std::string& pattern, const std::string& definitions = {}) {
  return line(records, pattern, none(), definitions);
}

}  // namespace

TEST_CASE("steps after each other, as Flink's next() and followedBy()") {
  const std::string any = "a: true;b: true";
  CHECK(all("v w x y z", "a then b", any) == "1a 2b | 2a 3b | 3a 4b | 4a 5b");
  CHECK(all("a x y b a c", "a then b then c") == "1a 4b 6c");
  CHECK(all("a b", "a next b") == "1a 2b");
  CHECK(all("a c b", "a next b").empty());
  CHECK(all("a b c d e", "a next b next c next d next e") == "1a 2b 3c 4d 5e");
  // Flink's followedByAny() passes over a record that fits too, and finds each b with each c.
  CHECK(all("a b b b c c d", "a then b then c then d") == "1a 2b 5c 7d");
  CHECK(all("c a a b", "c then a then b") == "1c 2a 4b");
}

TEST_CASE("greedy quantifiers, as Flink's greedy()") {
  CHECK(line("c a a a d", "c then a* then d") == "1c 2a 3a 4a 5d");
  CHECK(line("c x a x a x a d", "c then a* then d") == "1c 3a 5a 7a 8d");
  CHECK(line("c a a x d", "c then a* then d") == "1c 2a 3a 5d");
  CHECK(line("c x d", "c then a* then d") == "1c 3d");
  CHECK(line("c a a a d", "c then a* then d?") == "1c 2a 3a 4a 5d");
  CHECK(line("c a a x e", "c then a* then d? then e") == "1c 2a 3a 5e");
  // Flink also leaves the optional d out: c a a e.
  CHECK(all("c a a d e", "c then a* then d? then e") == "1c 2a 3a 4d 5e");
  CHECK(all("c a a a d", "c then a+ then d") == "1c 2a 3a 4a 5d");
  CHECK(all("c x a x a x a d", "c then a+ then d") == "1c 3a 5a 7a 8d");
  CHECK(all("c a a x d", "c then a+ then d") == "1c 2a 3a 5d");
  CHECK(all("c x d", "c then a+ then d").empty());
  CHECK(all("c a a a a d", "c then a{2,5} then d") == "1c 2a 3a 4a 5a 6d");
  CHECK(all("c a a x a d e d e b", "c then a* then (d then e){2} then b") == "1c 2a 3a 5a 6d 7e 8d 9e 10b");
}

TEST_CASE("a loop at the end, as Flink's greedy() and without it") {
  CHECK(all("c a a x a", "c then a*") == "1c | 1c 2a | 1c 2a 3a | 1c 2a 3a 5a");
  CHECK(all("c a a x a", "c then (a next a*)?") == "1c | 1c 2a | 1c 2a 3a");
  CHECK(all("c a a a a x", "c then a{2,5}") == "1c 2a 3a | 1c 2a 3a 4a | 1c 2a 3a 4a 5a");
  CHECK(all("c a a a", "c then a*") == "1c | 1c 2a | 1c 2a 3a | 1c 2a 3a 4a");
  CHECK(all("c a a a", "c then a+") == "1c 2a | 1c 2a 3a | 1c 2a 3a 4a");
  CHECK(all("c a", "c then a?") == "1c | 1c 2a");
  CHECK(all("c a a a d d d", "a+") == "2a | 2a 3a | 3a | 2a 3a 4a | 3a 4a | 4a");
  CHECK(all("c a c a a", "a next a*") == "2a | 4a | 4a 5a | 5a");
}

TEST_CASE("loops between steps, as Flink's oneOrMore()") {
  // Flink also writes the loops that end early: 1c 2a 4b, with optional() 1c 4b; with allowCombinations() 1c 3a 4b.
  CHECK(all("c a a b", "c then a* then b") == "1c 2a 3a 4b");
  CHECK(all("c a a b", "c then a+ then b") == "1c 2a 3a 4b");
  CHECK(all("c a a x a b", "c then a* then b") == "1c 2a 3a 5a 6b");
  CHECK(all("c x a a a x a b", "c then a+ then b") == "1c 3a 4a 5a 7a 8b");
  CHECK(all("c x a a a x a b", "c then a* then b") == "1c 3a 4a 5a 7a 8b");
  CHECK(all("c x a a a x a b", "c then (a next a*) then b") == "1c 3a 4a 5a 8b");
  CHECK(all("c x a a a x a b", "c then (a next a*)? then b") == "1c 3a 4a 5a 8b");
  CHECK(all("c a a a b d d e", "c then a* then b then d then e") == "1c 2a 3a 4a 5b 6d 8e");
  CHECK(all("c a d d e", "c then a* then d* then e") == "1c 2a 3d 4d 5e");
  CHECK(all("c a a b d d e", "c then a then b then d* then e") == "1c 2a 4b 5d 6d 7e");
  CHECK(all("a x b b b c", "a next b* then c") == "1a 6c");
  CHECK(all("c a b", "c then a? then b") == "1c 2a 3b");
}

TEST_CASE("loops at the beginning, as Flink's oneOrMore() after begin()") {
  // Flink also writes the loops that end early.
  CHECK(all("a a a b", "a* then b") == "1a 2a 3a 4b | 2a 3a 4b | 3a 4b | 4b");
  CHECK(all("a a a b", "a+ then b") == "1a 2a 3a 4b | 2a 3a 4b | 3a 4b");
  CHECK(all("a a a b", "a next a then b") == "1a 2a 4b | 2a 3a 4b");
  CHECK(all("c b", "c? then b") == "1c 2b | 2b");
}

TEST_CASE("a step at once after a loop, as Flink's next()") {
  CHECK(all("d a a c b", "d then a* next b").empty());
  CHECK(all("d a a b", "d then a* next b") == "1d 2a 3a 4b");
}

TEST_CASE("loops of one record, and one loop after another") {
  // Each way to part the records between the two loops, as Flink; it also leaves records out.
  CHECK(all("c a a a a a b", "c then d+ then e+ then b", "c: v == 'c';d: v == 'a';e: v == 'a';b: v == 'b'") ==
        "1c 2d 3d 4d 5d 6e 7b | 1c 2d 3d 4d 5e 6e 7b | 1c 2d 3d 4e 5e 6e 7b | 1c 2d 3e 4e 5e 6e 7b");
  CHECK(all("a a a a b b b", "a{4} then (b next b next b)") == "1a 2a 3a 4a 5b 6b 7b");
  // Flink also leaves b out: 1c 2a 3a 4a 7e, and ends the loop early.
  CHECK(all("c a a a d b a", "c then a* then b? then e", "c: v == 'c';a: v == 'a';b: v == 'b';e: v == 'a'") ==
        "1c 2e | 1c 2a 3e | 1c 2a 3a 4e | 1c 2a 3a 4a 6b 7e");
}

TEST_CASE("equal records of one time are different records, as Flink's") {
  CHECK(all("1:c 3:a 3:a 3:a 4:a 5:d 6:a 6:a 7:b", "c then a* then b") == "1c 2a 3a 4a 5a 7a 8a 9b");
  CHECK(all("1:a 2:b 2:c 2:d", "a then b then c then d") == "1a 2b 3c 4d");
  CHECK(all("1:a 2:d 2:d 2:d 4:d", "a then d+", "a: v == 'a';d: v == 'd' and count(d) <= 3") ==
        "1a 2d | 1a 2d 3d | 1a 2d 3d 4d");
  CHECK(all("1:c 3:a 3:a 3:a", "c then a*") == "1c | 1c 2a | 1c 2a 3a | 1c 2a 3a 4a");
}

TEST_CASE("counts, as Flink's times()") {
  CHECK(line("c x b", "c then (a{2,})? then b") == "1c 3b");
  CHECK(line("c a a b", "c then a{2,} then b") == "1c 2a 3a 4b");
  CHECK(line("c a b", "c then a{2,} then b").empty());
  CHECK(line("c a x a a b", "c then a{3} then b") == "1c 2a 4a 5a 6b");
  CHECK(all("c a a a b", "c then a{2} then b") == "1c 2a 3a 5b");
  CHECK(all("c a a a b", "c next a then a then b") == "1c 2a 3a 5b");
  CHECK(all("c a x a x a b", "c next a then a then b") == "1c 2a 4a 7b");
  CHECK(all("c a x a a b", "c next a{2} then b").empty());
  CHECK(all("c x b", "c then (a{3})? then b") == "1c 3b");
  // Flink also finds 1c 7b, and begins with the second a.
  CHECK(all("c x a x a a b", "c then (a{2})? then b") == "1c 3a 5a 7b");
  CHECK(all("c a a a b", "c next (a{2})? then b") == "1c 2a 3a 5b");
  CHECK(all("c a x a x a b", "c next (a then a)? then b") == "1c 2a 4a 7b");
}

TEST_CASE("counts of records at once, as Flink's consecutive()") {
  // Flink's followedByAny() may pass over an a, and finds c a(3) a(4) b. Here what fits is taken.
  CHECK(line("c a x a a b", "c then (a next a) then b").empty());
  // Flink finds 1c 5a 6a 7b and 1c 7b: the a at 3 fits a step that may come next, so it cannot be passed over.
  CHECK(all("c x a x a a b", "c then (a next a)? then b").empty());
  CHECK(all("c x a x a a b", "c then (a next a+)? then b").empty());
  CHECK(all("c x a x a a b", "c then (a next a*)? then b") == "1c 3a 7b");
}

TEST_CASE("counts without an end, as Flink's timesOrMore()") {
  // Flink also writes the loops that end early.
  CHECK(all("c a a a b", "c then a{2,} then b") == "1c 2a 3a 4a 5b");
  CHECK(all("c x a x a a b", "c then a{2,} then b") == "1c 3a 5a 6a 7b");
  CHECK(all("c x a x a a b", "c then (a{2,})? then b") == "1c 3a 5a 6a 7b");
  CHECK(all("c a a a b", "c next (a{2,})? then b") == "1c 2a 3a 4a 5b");
  CHECK(all("c a x a x a b", "c next a then a+ then b") == "1c 2a 4a 6a 7b");
}

TEST_CASE("counts from and to, as Flink's times() with two counts") {
  // Flink also writes the loops that end early.
  CHECK(all("c a a a b", "c next a then a{,2} then b") == "1c 2a 3a 4a 5b");
  CHECK(all("c a a a b", "c next (a then a?)? then b") == "1c 2a 3a 5b");
  CHECK(all("c x a x a a b", "c then a{1,3} then b") == "1c 3a 5a 6a 7b");
  CHECK(all("c x a x a a b", "c then (a next a{,2})? then b") == "1c 3a 7b");
  CHECK(all("c a a a b", "c next a{,3} then b") == "1c 2a 3a 4a 5b");
  CHECK(all("c x b", "c then (a{1,3})? then b") == "1c 3b");
  CHECK(all("c x a x a a b", "c then (a{2,3})? then b") == "1c 3a 5a 6a 7b");
  CHECK(all("c a x a x a b", "c next a then a{1,2} then b") == "1c 2a 4a 6a 7b");
  CHECK(all("c a a a b", "c then a{2,3} then b") == "1c 2a 3a 4a 5b");
}

TEST_CASE("a loop that until() ends in Flink, where the next step ends it here") {
  const std::string steps = "c: n == 1;a: n > 1 and n < 5;e: n == 5";
  // Flink also ends the loop early, and finds 1 2 5; with optional() also 1 5.
  CHECK(all("1 2 3 5 6", "c then a+ then e", steps) == "1c 2a 3a 4e");
  CHECK(all("1 2 3 5 6", "c then a* then e", steps) == "1c 2a 3a 4e");
  CHECK(all("1 2 3 5 6", "c then (a next a*) then e", steps) == "1c 2a 3a 4e");
  CHECK(all("1 2 3 4 5 6", "c then a* then e", steps) == "1c 2a 3a 4a 5e");
}

TEST_CASE("a loop at the end that until() ends in Flink, where its own condition does here") {
  const std::string steps = "c: n == 1;a: n > 1 and n < 5";
  CHECK(all("1 2 3 5 6", "c then a+", steps) == "1c 2a | 1c 2a 3a");
  CHECK(all("1 2 3 5 6", "c then a*", steps) == "1c | 1c 2a | 1c 2a 3a");
  CHECK(all("0 2 3 1 5 6", "c then a+", "c: n == 0;a: n < 5") == "1c 2a | 1c 2a 3a | 1c 2a 3a 4a");
  const std::string sum = "c: n == 0;a: sum(a.n) <= 6";
  CHECK(all("0 2 3 1 5 6", "c then a+", sum) == "1c 2a | 1c 2a 3a | 1c 2a 3a 4a");
  CHECK(all("0 2 3 1 5 6", "c then a*", sum) == "1c | 1c 2a | 1c 2a 3a | 1c 2a 3a 4a");
  const std::string greedy = "c: n == 0;a: n >= 2 and n <= 3;d: n == 9";
  CHECK(all("0 2 3 3 4 9", "c then a* then d", greedy) == "1c 2a 3a 4a 6d");
  CHECK(all("0 2 3 3 4 9", "c then a+ then d", greedy) == "1c 2a 3a 4a 6d");
  // In Flink the 4 ends the loop for good: it finds 0 9 with *, and nothing with +.
  CHECK(all("0 4 2 3 3 9", "c then a* then d", greedy) == "1c 3a 4a 5a 6d");
  CHECK(all("0 4 2 3 3 9", "c then a+ then d", greedy) == "1c 3a 4a 5a 6d");
}

TEST_CASE("conditions over earlier steps, as Flink's iterative conditions") {
  CHECK(all("1 2 9", "s+ then e", "s: n < 5;e: n == 9 and sum(s.n) >= 2") == "1s 2s 3e | 2s 3e");
  // Flink also ends the loop early, and finds 1 9. Here a record that fits the next round is taken.
  CHECK(all("1 2 3 9", "s* then e", "s: n < 9 and sum(s.n) < 5;e: n == 9") == "1s 2s 4e | 2s 4e | 3s 4e | 4e");
  CHECK(all("100 1 2 100 3 1 8 9", "a then b+ then c", "a: n >= 100;b: n < 5 and sum(b.n) < 5;c: n == 9") ==
        "1a 2b 3b 6b 8c | 4a 5b 6b 8c");
  CHECK(all("1 50 2 3 50 4 50 50 9", "a then b then d+ then e",
            "a: n < 5;b: n == 50;d: n < 5 and sum(d.n) <= 5;e: n == 9") ==
        "1a 2b 3d 4d 9e | 3a 5b 6d 9e | 4a 5b 6d 9e");
  CHECK(all("1 2 50 3 50 9", "a+ then b then e", "a: n < 5;b: n == 50;e: n == 9 and sum(a.n) >= 2") ==
        "1a 2a 3b 6e | 2a 3b 6e | 4a 5b 6e");
  // Flink finds each two of the three a.
  CHECK(all("1 2 2 2 9", "c then a* then e", "c: n == 1;a: n == 2;e: sum(a.n) == 4") == "1c 2a 3a 4e");
  CHECK(all("1 2 3 4 5 6", "a then b then c", "a: n == 1 or n == 4;b: n == 2 or n == 5;c: n == 3 or n == 6") ==
        "1a 2b 3c | 4a 5b 6c");
}
