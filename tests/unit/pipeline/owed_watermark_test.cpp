#include "pipeline/owed_watermark.hpp"

#include <algorithm>

#include "catch.hpp"
#include "saved_state.hpp"

using namespace weir;

namespace {

Time at(int second) { return Time(std::chrono::seconds(second)); }

const std::string line_of_5 = "{\"@ctl\":\"watermark\",\"time\":\"1970-01-01T00:00:05Z\"}\n";

}  // namespace

TEST_CASE("a watermark that was passed on lowered is written once") {
  OwedWatermark owed;
  Output out;
  owed.pay(out);
  CHECK(out.lines.empty());
  owed.note(at(5), at(3));
  owed.pay(out);
  CHECK(out.lines == line_of_5);
  owed.pay(out);
  CHECK(out.lines == line_of_5);
}

TEST_CASE("a watermark that was passed on whole is not owed, nor is one before it") {
  OwedWatermark owed;
  Output out;
  owed.note(at(5), at(3));
  SECTION("the next one is passed on whole") { owed.note(at(6), at(6)); }
  SECTION("the next one is about to be passed on") { owed.forget(); }
  owed.pay(out);
  CHECK(out.lines.empty());
}

TEST_CASE("a watermark is owed until the filter can keep its promise") {
  OwedWatermark owed;
  Output out;
  int asked = 0;
  Time oldest = at(3);
  const auto promise = [&](Time time) {
    ++asked;
    return std::min(time, oldest);
  };
  owed.pay_when_kept(promise, out);
  CHECK(asked == 0);  // the filter may have to look at all that it holds
  owed.note(at(5), at(3));
  owed.pay_when_kept(promise, out);
  oldest = at(4);
  owed.pay_when_kept(promise, out);
  CHECK(out.lines.empty());
  oldest = at(5);
  owed.pay_when_kept(promise, out);
  CHECK(out.lines == line_of_5);
  owed.pay_when_kept(promise, out);
  CHECK(out.lines == line_of_5);
  CHECK(asked == 3);
}

TEST_CASE("a watermark is owed after a restart, too") {
  OwedWatermark owed;
  owed.note(at(5), at(3));
  const std::string saved = test::saved_state(owed);
  OwedWatermark restored;
  test::load_state(restored, saved);
  Output out;
  restored.pay(out);
  CHECK(out.lines == line_of_5);
}
