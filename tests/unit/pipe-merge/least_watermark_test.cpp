#include "least_watermark.hpp"
#include "catch.hpp"

using namespace weir;
using namespace weir::pipe_merge;

namespace {

Time at(int seconds) { return Time(std::chrono::seconds(seconds)); }

}  // namespace

TEST_CASE("the least watermark of all inputs is passed on, once") {
  LeastWatermark least(3);
  least.promise(0, at(50));
  least.promise(1, at(30));
  CHECK_FALSE(least.advance());  // the third has no watermark yet
  least.promise(2, at(40));
  CHECK(least.advance() == at(30));
  CHECK_FALSE(least.advance());
  least.promise(1, at(45));
  CHECK(least.advance() == at(40));
  least.promise(2, at(39));  // a watermark never moves back
  CHECK_FALSE(least.advance());
  CHECK(least.of(2) == at(40));
}

TEST_CASE("an input that has ended does not count") {
  LeastWatermark least(2);
  least.promise(0, at(50));
  least.end(1);
  CHECK(least.advance() == at(50));
  least.end(0);
  CHECK_FALSE(least.advance());
}

TEST_CASE("a watermark from before a restart is not written again") {
  LeastWatermark least(1);
  least.set_given(at(20));
  least.promise(0, at(20));
  CHECK_FALSE(least.advance());
  least.promise(0, at(21));
  CHECK(least.advance() == at(21));
}
