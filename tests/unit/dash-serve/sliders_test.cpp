#include "sliders.hpp"

#include "catch.hpp"
#include "kept_log.hpp"

using namespace weir;
using namespace weir::dash_serve;

namespace {

web::Request post(std::string body) {
  web::Request request;
  request.body = std::move(body);
  request.remote = "127.0.0.1";
  return request;
}

}  // namespace

TEST_CASE("a slider is read from its option text") {
  const Slider rate = parse_slider("rate=1..200/5:21 Events a second");
  CHECK(rate.name == "rate");
  CHECK(rate.least == 1);
  CHECK(rate.most == 200);
  CHECK(rate.step == 5);
  CHECK(rate.value == 21);
  CHECK(rate.label == "Events a second");
  const Slider bare = parse_slider("x=-1.5..1:0");
  CHECK(bare.least == -1.5);
  CHECK(bare.step == 1);
  CHECK(bare.label == "x");
  for (const char* bad :
       {"", "x", "=1..2:1", "x=1:1", "x=1..2", "x=2..1:1", "x=1..2:3", "x=1..2/0:1", "x=a..b:c", "x=1..2:1e999"})
    CHECK_THROWS_AS(parse_slider(bad), std::invalid_argument);
}

TEST_CASE("a value is rounded to its step within the limits; anything else is refused") {
  KeptLog log;
  Sliders sliders({.sliders = {parse_slider("rate=1..22/5:6"), parse_slider("on=0..1:0 On \"or\" off")}}, log);
  CHECK(sliders.set(post("name=rate&value=12"), 0).body == "11\n");
  CHECK(sliders.set(post("name=rate&value=22"), 0).body == "21\n");
  for (const char* bad : {"name=rate&value=23", "name=rate&value=0", "name=rate&value=x", "name=rate&value=1;reboot",
                          "name=none&value=1", "value=1", "%"})
    CHECK(sliders.set(post(bad), 0).status == 400);
  CHECK(sliders.json() == R"([{"name":"rate","label":"rate","least":1,"most":22,"step":5,"value":21},)"
                          R"({"name":"on","label":"On \"or\" off","least":0,"most":1,"step":1,"value":0}])");
  int taken = 0;
  for (int i = 0; i < 50; ++i) taken += sliders.set(post("name=on&value=1"), 0).status == 200 ? 1 : 0;
  CHECK(taken == 8);
}
