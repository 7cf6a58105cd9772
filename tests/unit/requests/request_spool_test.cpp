// Requests as lines of a spool: what a crash cuts off is completed, and nothing is taken twice.
#include "requests/request_spool.hpp"
#include "catch.hpp"

using namespace weir;
using namespace weir::requests;

namespace {

struct Run {
  explicit Run(std::vector<std::string>& lines) : spool(settings(), FieldSet()) {
    for (const std::string& line : lines) spool.stored(line);
    spool.start([&lines](std::string_view line) { lines.emplace_back(line); });
    spool.begin();
  }
  static RequestSettings settings() {
    RequestSettings made;
    made.lifetime = std::chrono::seconds(247);
    return made;
  }
  std::uint64_t take(const std::string& id, const std::string& body, int pieces, Time now = {}) {
    Unit unit{.id = id, .body = body, .pieces = {}};
    for (int i = 0; i < pieces; ++i) unit.pieces.push_back({.number = 1, .raw = "{}", .json = "{}"});
    Report report;
    return spool.take("/", unit, {}, "", now, report);
  }
  RequestSpool spool;
};

}  // namespace

TEST_CASE("a request that comes again is not taken twice, in this run and the next, until its lifetime is over") {
  std::vector<std::string> lines;
  Run first(lines);
  CHECK(first.take("a/1", "", 2) == 2);
  CHECK(first.take("a/1", "", 2) == 0);
  Run second(lines);
  CHECK(second.take("a/1", "", 2, Time(std::chrono::seconds(247))) == 0);
  CHECK(second.take("a/1", "", 2, Time(std::chrono::seconds(248))) == 2);
}

TEST_CASE("a request that a crash has cut off is completed") {
  std::vector<std::string> lines;
  Run first(lines);
  CHECK(first.take("a/1", "digest", 3) == 3);
  lines.pop_back();
  Run second(lines);
  CHECK_FALSE(second.spool.cut_off("b/", "digest", {}));
  CHECK_FALSE(second.spool.cut_off("a/", "other", {}));
  const auto id = second.spool.cut_off("a/", "digest", {});
  REQUIRE(id == std::optional<std::string>("a/1"));
  CHECK(second.take(*id, "digest", 3) == 1);
  second.spool.add_alias("a/9", {});
  Run third(lines);
  CHECK_FALSE(third.spool.cut_off("a/", "digest", {}));
  CHECK(third.spool.known("a/9", {})->complete());
  CHECK(third.take("a/1", "digest", 3) == 0);
}

TEST_CASE("lines are read again") {
  std::vector<std::string> lines;
  Run run(lines);
  run.take("", "", 1);
  run.spool.add_reject("/p\nq", std::string_view("\0x", 2), "the reason");
  run.spool.add_answer(7);
  using LineKind = RequestSpool::Line::Kind;
  CHECK(run.spool.line(lines[0]).record == "{}");
  const RequestSpool::Line reject = run.spool.line(lines[1]);
  CHECK(reject.kind == LineKind::reject);
  CHECK(reject.path == "/p\nq");
  CHECK(reject.raw == std::string_view("\0x", 2));
  CHECK(reject.reason == "the reason");
  CHECK(run.spool.line(lines[2]).kind == LineKind::answer);
  CHECK(Run(lines).spool.line(lines[2]).kind == LineKind::note);
  for (const char* wrong : {"", "?", "x1", "x9 9 a"}) CHECK_THROWS(run.spool.line(wrong));
}
