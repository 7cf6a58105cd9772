#include "@FILE@.hpp"

#include "catch.hpp"
#include "record/parser.hpp"

TEST_CASE("records are counted") {
  weir::@SPACE@::@CLASS@ stage{{}};
  weir::RecordParser parser(stage.fields());
  const weir::Record* record = parser.parse_copy(R"({"a":1.10})", 1);
  REQUIRE(record != nullptr);
  CHECK_FALSE(stage.on_record(*record).rejected());
  CHECK(stage.records() == 1);
}
