#include "@FILE@.hpp"

#include "catch.hpp"

TEST_CASE("a source restored at a position goes on with the same lines") {
  weir::@SPACE@::@CLASS@ stage{{2}};
  weir::Output out;
  out.wanted = 1;
  CHECK(stage.next(out) == weir::AnySource::Step::more);
  CHECK(out.lines == "{\"n\":1}\n");
  weir::@SPACE@::@CLASS@ again{{2}};
  again.restore(stage.position());
  out.lines.clear();
  CHECK(again.next(out) == weir::AnySource::Step::more);
  CHECK(out.lines == "{\"n\":2}\n");
  CHECK(again.next(out) == weir::AnySource::Step::end);
}
