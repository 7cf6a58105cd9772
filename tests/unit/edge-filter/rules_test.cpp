#include "rules.hpp"

#include <stdexcept>

#include "catch.hpp"

using namespace weir::edge_filter;

namespace {

std::string refusal(const TypeOptions& options) {
  try {
    const Types types(options);
  } catch (const std::invalid_argument& error) {
    return error.what();
  }
  return "";
}

}  // namespace

TEST_CASE("types have their own rules, and others those of *") {
  TypeOptions options;
  options.deadbands = {"temperature=0.5", "2%"};
  options.swings = {"pressure=1%"};
  options.spans = {"pressure=900..1100"};
  options.every = {"humidity=5"};
  const Types types(options);
  CHECK(types[types.find("temperature")].rule == SendRule::deadband);
  CHECK(types[types.find("temperature")].band.width == 0.5);
  CHECK(types[types.find("co2")].band.share);
  CHECK(types[types.find("co2")].band.width == 0.02);
  CHECK(types[types.find("co2")].smoothing.method == Smoothing::Method::median);
  CHECK(types[types.find("pressure")].rule == SendRule::swing);
  CHECK(types[types.find("pressure")].band.width == 2);
  CHECK(types[types.find("humidity")].rule == SendRule::usual);
  CHECK(types[types.find("humidity")].every == 5);
  CHECK(types[types.find("humidity")].smoothing.method == Smoothing::Method::mean);
  CHECK(types[types.find("gyroscope")].smoothing.order == 3);
}

TEST_CASE("a smoothing of all types replaces the usual ones") {
  TypeOptions options;
  options.smooth = {"none", "gyroscope=lowpass:7:0.25"};
  const Types types(options);
  CHECK(types[types.find("temperature")].smoothing.method == Smoothing::Method::none);
  CHECK(types[types.find("gyroscope")].smoothing.method == Smoothing::Method::lowpass);
  CHECK(types[types.find("gyroscope")].smoothing.cutoff == 0.25);
}

TEST_CASE("what cannot be used is named") {
  TypeOptions options;
  for (const char* const bad :
       std::vector<const char*>{"mean:0", "mean", "lowpass:3", "lowpass:0:0.1", "lowpass:51:0.1", "lowpass:3:1",
                                "filtfilt:3:x", "=none", "mode:3", "median:-1"}) {
    options.smooth = {bad};
    CHECK(refusal(options).find("--smooth: '") == 0);
  }
  options = {};
  options.deadbands = {"a=1", "a=2"};
  CHECK(refusal(options) == "--deadband: 'a' has two values");
  options.deadbands = {"a=-1"};
  CHECK(refusal(options).find("--deadband: 'a=-1' is not") == 0);
  options.deadbands = {"a=1"};
  options.swings = {"a=1"};
  CHECK(refusal(options).find("'a' has a --deadband and a --swing") == 0);
  options.swings = {};
  options.every = {"a=3"};
  CHECK(refusal(options).find("'a' has a --deadband or --swing") == 0);
  options = {};
  options.swings = {"a=1%"};
  CHECK(refusal(options).find("--swing: a percentage is of a --span") == 0);
  options.spans = {"a=3..1"};
  CHECK(refusal(options).find("--span: 'a=3..1'") == 0);
}
