#include "@FILE@.hpp"

#include "catch.hpp"
#include "record/parser.hpp"
#include "sink_host.hpp"

TEST_CASE("a record is held until its epoch is carried out") {
  weir::TestHost host(".");
  weir::@SPACE@::@CLASS@ stage{{"/dev/null"}};
  stage.start(host);
  weir::RecordParser parser(stage.fields());
  const weir::Record* record = parser.parse_copy(R"({"a":1.10})", 1);
  REQUIRE(record != nullptr);
  CHECK_FALSE(stage.on_record(*record).rejected());
  CHECK(stage.held_bytes() > 0);
  stage.seal();
  CHECK(stage.held_bytes() == 0);
  CHECK(stage.carry_out(1));
}
