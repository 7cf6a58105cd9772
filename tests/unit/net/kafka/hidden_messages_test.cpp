#include "net/kafka/hidden_messages.hpp"

#include <string>
#include <vector>

#include "catch.hpp"

using namespace weir::kafka;
using std::chrono::seconds;

namespace {

/// Partition 0 of one topic, as the library knows it.
struct Known {
  HiddenMessages hidden;
  std::int64_t position = -1, end = 0;
  std::vector<std::string> reports;
  void look(int second) {
    hidden.look(
        HiddenMessages::clock::time_point(seconds(second)), [this](const Partition&) { return position; },
        [this](const Partition&) { return end; },
        [this](const Partition& partition, std::int64_t offset, std::int64_t last) {
          reports.push_back(partition.topic + " " + std::to_string(offset) + " " + std::to_string(last));
        });
  }
  void end_at(std::int64_t offset, int second) {
    hidden.on_end({"t", 0}, offset, HiddenMessages::clock::time_point(seconds(second)));
  }
};

}  // namespace

TEST_CASE("messages behind an open transaction are reported after a minute, once") {
  Known known;
  known.end = 12;
  known.end_at(10, 100);
  known.look(159);
  CHECK(known.reports.empty());
  known.end_at(10, 150);  // the same place
  known.look(160);
  CHECK(known.reports == std::vector<std::string>{"t 10 12"});
  known.look(400);
  CHECK(known.reports.size() == 1);
  known.end_at(12, 401);
  known.end = 13;
  known.look(462);
  CHECK(known.reports == std::vector<std::string>{"t 10 12", "t 12 13"});
}

TEST_CASE("nothing is hidden at the end of a partition, or where reading goes on") {
  Known known;
  known.end = 10;
  known.end_at(10, 0);
  known.look(100);
  known.end = 20;
  known.position = 15;
  known.look(200);
  CHECK(known.reports.empty());
}
