#include "@FILE@.hpp"

#include "catch.hpp"

TEST_CASE("a stored line becomes a record") {
  weir::@SPACE@::@CLASS@ stage{{}};
  weir::Output out;
  CHECK(stage.emit("7 {\"a\":1}", 1, out) == weir::Receiver::Emitted::record);
  CHECK(out.lines == "{\"a\":1}\n");
}
