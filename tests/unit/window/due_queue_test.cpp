#include "window/due_queue.hpp"

#include <map>
#include <random>

#include "catch.hpp"
#include "state/archive.hpp"

using namespace weir;

namespace {

Time at(unsigned n) { return Time(Duration(n)); }

}  // namespace

TEST_CASE("the queue gives places by their times, each once") {
  std::mt19937 random(1);
  const auto upto = [&random](unsigned limit) { return static_cast<unsigned>(random() % limit); };
  DueQueue queue;
  std::map<std::size_t, Time> expected;
  const auto first_expected = [&] {
    auto first = expected.begin();
    for (auto each = expected.begin(); each != expected.end(); ++each)
      if (each->second < first->second) first = each;
    return first;
  };
  for (int step = 0; step < 20'000; ++step) {
    const std::size_t place = upto(50);
    const Time time = at(upto(100));
    if (const unsigned dice = upto(4); dice < 2 || expected.empty()) {
      queue.bring_forward(place, time);
      const auto [known, is_new] = expected.try_emplace(place, time);
      if (!is_new) known->second = std::min(known->second, time);
    } else {
      const auto first = first_expected();
      REQUIRE(queue.first().place == first->first);
      REQUIRE(queue.first().time == first->second);
      if (dice == 2) {
        queue.remove_first();
        expected.erase(first);
      } else {
        first->second += Duration(upto(50));
        queue.postpone_first(first->second);
      }
    }
    REQUIRE(queue.empty() == expected.empty());
  }
}

TEST_CASE("a queue that cannot exist is not loaded") {
  const auto loads = [](std::vector<DueQueue::Entry> entries) {
    std::string bytes;
    SnapshotWriter writer(bytes);
    StateArchive saved(writer);
    saved.value(entries);
    SnapshotReader reader(bytes);
    StateArchive archive(reader);
    DueQueue queue;
    queue.state(archive);
  };
  loads({{at(1), 0}, {at(1), 1}});
  CHECK_THROWS_AS(loads({{at(2), 0}, {at(1), 1}}), SnapshotError);
  CHECK_THROWS_AS(loads({{at(1), 0}, {at(2), std::size_t{1} << 40}}), SnapshotError);
}
