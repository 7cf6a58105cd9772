// What Flink's CEP library (2.2) finds in its own tests of skip strategies, quantifiers, absences and conditions over
// earlier steps, for the patterns that both can write. Where weir finds something else on purpose, the case says what
// Flink finds.
#include "cases.hpp"
#include "catch.hpp"

using namespace weir::cep_match;
using cases::line;

namespace {

Settings skipping(const std::string& skip) {
  Settings settings;
  settings.skip = skip;
  return settings;
}

}  // namespace

TEST_CASE("greedy quantifiers, as Flink's greedy()") {
  CHECK(line("c a a a d", "c then a* then d") == "1c 2a 3a 4a 5d");
  CHECK(line("c x a x a x a d", "c then a* then d") == "1c 3a 5a 7a 8d");
  CHECK(line("c a a x d", "c then a* then d") == "1c 2a 3a 5d");
  CHECK(line("c x d", "c then a* then d") == "1c 3d");
  CHECK(line("c a a a d", "c then a* then d?") == "1c 2a 3a 4a 5d");
  CHECK(line("c a a x e", "c then a* then d? then e") == "1c 2a 3a 5e");
  // Flink also leaves the optional d out: c a a e.
  CHECK(line("c a a d e", "c then a* then d? then e", skipping("none")) == "1c 2a 3a 4d 5e");
}

TEST_CASE("counts, as Flink's times()") {
  CHECK(line("c x b", "c then (a{2,})? then b") == "1c 3b");
  CHECK(line("c a a b", "c then a{2,} then b") == "1c 2a 3a 4b");
  CHECK(line("c a b", "c then a{2,} then b").empty());
  CHECK(line("c a x a a b", "c then a{3} then b") == "1c 2a 4a 5a 6b");
  // Flink's followedByAny() may pass over an a, and finds c a(3) a(4) b. Here what fits is taken.
  CHECK(line("c a x a a b", "c then (a next a) then b").empty());
}

TEST_CASE("a loop that until() ends in Flink, where the next step ends it here") {
  const std::string steps = "c: n == 1;a: n > 1 and n < 5;e: n == 5";
  // Flink also ends the loop early, and finds 1 2 5.
  CHECK(line("1 2 3 5 6", "c then a+ then e", {}, steps) == "1c 2a 3a 4e");
}

TEST_CASE("skip strategies, as Flink's noSkip(), skipToNext(), skipPastLastEvent(), skipToFirst() and skipToLast()") {
  CHECK(line("a a a a a a", "a{3}", skipping("none")) == "1a 2a 3a | 2a 3a 4a | 3a 4a 5a | 4a 5a 6a");
  CHECK(line("a a a a a a", "a{3}", skipping("past-last")) == "1a 2a 3a | 4a 5a 6a");
  CHECK(line("a b a b", "a then b", skipping("next-row")) == "1a 2b | 3a 4b");
  CHECK(line("a b b b", "a next b+", skipping("none")) == "1a 2b | 1a 2b 3b | 1a 2b 3b 4b");
  // Flink writes the first of these that is complete, a b: here +? does that.
  CHECK(line("a b b b", "a next b+?", skipping("next-row")) == "1a 2b");
  CHECK(line("a b b b", "a next b+", skipping("next-row")) == "1a 2b 3b 4b");
  const std::string any = "a: true;b: true";
  CHECK(line("x x x x x x", "a{2} next b{2}", skipping("first:b"), any) == "1a 2a 3b 4b | 3a 4a 5b 6b");
  CHECK(line("x x x x x x x", "a{2} next b{2}", skipping("last:b"), any) == "1a 2a 3b 4b | 4a 5a 6b 7b");
  CHECK(line("a a b b c c d d", "a then b then c then d", skipping("past-last")) == "1a 3b 5c 7d");
  CHECK(line("a c a b", "a next b", skipping("past-last")) == "3a 4b");
}

TEST_CASE("absences, as Flink's notNext() and notFollowedBy()") {
  CHECK(line("a c b c d", "a next not b then c then d") == "1a 2c 5d");
  CHECK(line("a b c c d", "a next not b then c then d").empty());
  CHECK(line("a c c d b", "a then c then d next not b").empty());
  CHECK(line("a c b c d", "a then not b then c then d") == "1a 2c 5d");
  CHECK(line("a d e b c c d", "a then not b then (c{2})? then d") == "1a 2d");
  // In Flink an optional step that is there ends the absence: it finds a c d.
  CHECK(line("a c b c d", "a then not b then c? then d").empty());
  // Flink finds nothing: it looks for c from the first b on. Here the absence begins with the last record of its step.
  CHECK(line("a b c b d", "a then b{2} then not c then d") == "1a 2b 4b 5d");
}

TEST_CASE("conditions over earlier steps, as Flink's iterative conditions") {
  CHECK(line("1 2 9", "s+ then e", skipping("none"), "s: n < 5;e: n == 9 and sum(s.n) >= 2") == "1s 2s 3e | 2s 3e");
  // Flink also ends the loop early, and finds 1 9. Here a record that fits the next round is taken.
  CHECK(line("1 2 3 9", "s* then e", skipping("none"), "s: n < 9 and sum(s.n) < 5;e: n == 9") ==
        "1s 2s 4e | 2s 4e | 3s 4e | 4e");
}

TEST_CASE("within, as Flink's, with a last record at the very end of the time") {
  CHECK(line("1:a 10:b", "a then b within 10s") == "1a 2b");
  // Flink's within(10 s) takes what is less than ten seconds after the first record.
  CHECK(line("1:a 11:b", "a then b within 10s") == "1a 2b");
}
