#include "@FILE@.hpp"

#include <stdexcept>

#include "catch.hpp"
#include "record/parser.hpp"

namespace {

struct Kept : weir::Answers {
  void answer(weir::Ticket, std::string_view text) override { lines += text; }
  void reject(weir::Ticket, std::string) override { FAIL("rejected"); }
  void note(weir::Ticket, const weir::RecordMessage&) override {}
  bool keeps_state() const override { return false; }
  weir::Log& log() override { throw std::logic_error("no log"); }
  std::string lines;
};

}  // namespace

TEST_CASE("a record is answered with itself") {
  weir::@SPACE@::@CLASS@ stage{{}};
  Kept kept;
  stage.start(kept);
  weir::RecordParser parser(stage.fields());
  const weir::Record* record = parser.parse_copy(R"({"a":1.10})", 1);
  REQUIRE(record != nullptr);
  CHECK_FALSE(stage.on_record(*record, weir::Ticket{1}).rejected());
  CHECK(kept.lines.empty());
  stage.wait({}, weir::WaitLimit(0));
  CHECK(kept.lines == "{\"a\":1.10}\n");
}
