#include "@FILE@.hpp"

#include "catch.hpp"
#include "record/parser.hpp"

TEST_CASE("a record passes unchanged") {
  weir::@SPACE@::@CLASS@ stage{weir::@SPACE@::Settings{}};
  weir::RecordParser parser(stage.fields());
  weir::Output out;
  const weir::Record* record = parser.parse_copy(R"({"a":1.10})", 1);
  REQUIRE(record != nullptr);
  CHECK_FALSE(stage.on_record(*record, out).rejected());
  CHECK(out.lines == "{\"a\":1.10}\n");
}
