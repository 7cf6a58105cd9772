#include "culprit_search.hpp"

#include <functional>

#include "catch.hpp"

using namespace weir;
using namespace weir::pipe_run;
using std::chrono::seconds;

namespace {

Failure at(std::uint64_t committed) {
  return {.committed = committed, .answered = true, .lasted = seconds(1), .reason = "x"};
}

/// A stream whose bad records end any run that reaches one of them; epochs are those that an Isolation asks for.
struct Stream {
  std::vector<bool> bad;
  std::uint64_t committed = 5;  // epochs
  std::size_t position = 0;     // records committed
  std::vector<std::size_t> left_out{};

  /// One run: true when it reaches the end.
  bool run(const std::optional<state::Isolation>& told) {
    const std::uint64_t began = committed;
    std::size_t left = told && told->epoch == committed ? told->set_aside : 0;
    while (position < bad.size()) {
      const std::uint64_t lines = told ? told->lines_of(committed - began).value_or(100000) : 100000;
      std::vector<std::size_t> rejected;
      std::size_t end = position;
      for (; left > 0 && end < bad.size(); --left) rejected.push_back(end++);
      for (std::uint64_t n = 0; n < lines && end < bad.size(); ++n)
        if (bad[end++]) return false;
      left_out.insert(left_out.end(), rejected.begin(), rejected.end());
      position = end;
      ++committed;
    }
    return true;
  }
};

/// Runs until the end; returns the number of runs, or 0 when it takes more than 300.
int runs_to_end(Stream& stream) {
  CulpritSearch search;
  std::optional<state::Isolation> told;
  for (int runs = 1; runs <= 300; ++runs) {
    if (stream.run(told)) return runs;
    told = search.after(at(stream.committed));
  }
  return 0;
}

}  // namespace

TEST_CASE("the record at which a pipeline fails is left out, and no other") {
  for (const std::size_t place : {0U, 1U, 15U, 16U, 17U, 255U, 4095U, 4096U, 5000U, 65535U, 65536U, 99998U, 99999U}) {
    CAPTURE(place);
    Stream stream{std::vector<bool>(100000)};
    stream.bad[place] = true;
    const int runs = runs_to_end(stream);
    CHECK(runs > 0);
    CHECK(runs <= 12);
    CHECK(stream.left_out == std::vector<std::size_t>{place});
  }
}

TEST_CASE("several records are found one after the other, neighbours included") {
  Stream stream{std::vector<bool>(20000)};
  const std::vector<std::size_t> places{3, 4, 5, 700, 701, 9000, 19999};
  for (const std::size_t place : places) stream.bad[place] = true;
  CHECK(runs_to_end(stream) > 0);
  CHECK(stream.left_out == places);
}

TEST_CASE("more bad records in a row than one search looks through are found by a longer one") {
  Stream stream{std::vector<bool>(1000)};
  std::vector<std::size_t> places;
  for (std::size_t place = 100; place < 140; ++place) {
    stream.bad[place] = true;
    places.push_back(place);
  }
  CHECK(runs_to_end(stream) > 0);
  CHECK(stream.left_out == places);
}

TEST_CASE("failures that say nothing about a record begin no search") {
  CulpritSearch search;
  for (int i = 0; i < 20; ++i) {
    Failure unreachable = at(7);
    unreachable.answered = false;
    CHECK_FALSE(search.after(unreachable));
    Failure killed = at(7);
    killed.killed = true;
    CHECK_FALSE(search.after(killed));
    CHECK_FALSE(search.moved());
  }
  // Progress begins the count anew.
  for (std::uint64_t epoch = 8; epoch < 28; ++epoch) CHECK_FALSE(search.after(at(epoch)));
  CHECK_FALSE(search.after(at(27)));
  CHECK(search.after(at(27)));
  CHECK(search.moved());
}

TEST_CASE("a run that waits long for the outside moves no search on") {
  CulpritSearch search;
  search.after(at(7));
  search.after(at(7));
  const auto first = search.after(at(7));
  REQUIRE(first);
  Failure slow = at(7);
  slow.lasted = seconds(90);
  for (int i = 0; i < 20; ++i) {
    const auto next = search.after(slow);
    REQUIRE(next);
    CHECK(next->lines == first->lines);
    CHECK(next->set_aside == 0);
    CHECK_FALSE(search.moved());
  }
}

TEST_CASE("where every record fails, nothing is left out and restarts go on as usual") {
  Stream stream{std::vector<bool>(100000, true)};
  CulpritSearch search;
  std::optional<state::Isolation> told;
  int usual = 0;
  for (int runs = 0; runs < 60; ++runs) {
    CHECK_FALSE(stream.run(told));
    told = search.after(at(stream.committed));
    usual += !told;
  }
  CHECK(stream.left_out.empty());
  CHECK(usual >= 4);
}
