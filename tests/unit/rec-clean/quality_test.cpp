#include "rec_clean.hpp"

#include <stdexcept>
#include <string>
#include <vector>

#include "catch.hpp"
#include "record/parser.hpp"

using weir::rec_clean::RecClean;
using weir::rec_clean::Settings;

namespace {

/// All that comes out of lines, then of the end.
std::string flagged(const Settings& settings, const std::vector<std::string>& lines) {
  RecClean stage(settings);
  weir::RecordParser parser(stage.fields());
  weir::Output out;
  for (const std::string& line : lines) {
    const weir::Record* record = parser.parse_copy(line, 1);
    REQUIRE(record != nullptr);
    if (const weir::Verdict verdict = stage.on_record(*record, out); verdict.rejected())
      out.lines += "! " + verdict.reason() + "\n";
  }
  stage.on_end(out);
  return out.lines;
}

/// A record of a second of 2026.
std::string reading(int second, const std::string& sensor, const std::string& value) {
  return R"({"ts":")" + std::string("2026-07-01T00:00:0") + std::to_string(second) + R"(Z","s":")" + sensor +
         R"(","v":)" + value + "}";
}

/// A record that reading() made, as it comes out with the flag of its one test.
struct Flagged {
  int second;
  const char* sensor;
  const char* value;
  int flag;
};

std::string lines_of(const std::vector<Flagged>& records) {
  std::string lines;
  for (const auto& [second, sensor, value, flag] : records) {
    lines += reading(second, sensor, value);
    lines.pop_back();
    lines += R"(,"v_qc":)" + std::to_string(flag) + R"(,"qc":)" + std::to_string(flag) + "}\n";
  }
  return lines;
}

Settings quality(const std::string& tests) {
  Settings settings;
  settings.quality.tests = {tests};
  settings.quality.by = {"s"};
  return settings;
}

}  // namespace

TEST_CASE("a record waits for the next one of its key, and others pass it") {
  CHECK(flagged(quality("v: spike 1 5"),
                {reading(0, "a", "1"), reading(1, "a", "3"), reading(1, "b", "7"), reading(2, "a", "1")}) ==
        lines_of({{0, "a", "1", 2}, {1, "b", "7", 2}, {1, "a", "3", 3}, {2, "a", "1", 2}}));
}

TEST_CASE("flags that are there already are replaced, and a choice of members has them where it names them") {
  Settings settings = quality("v: spike 1; range 0..2");
  settings.quality.detail = weir::rec_clean::FlagDetail::each_test;
  settings.select = {"v_qc_spike as spike", "v", "v_qc_range", "v_qc"};
  const std::vector<std::string> lines{reading(0, "a", "1"), R"({"v":3,"v_qc":7,"s":"a","ts":"2026-07-01T00:00:01Z"})",
                                       reading(2, "a", "1")};
  CHECK(flagged(settings, lines) == R"({"spike":2,"v":1,"v_qc_range":1,"v_qc":1})"
                                    "\n"
                                    R"({"spike":3,"v":3,"v_qc_range":4,"v_qc":4})"
                                    "\n"
                                    R"({"spike":2,"v":1,"v_qc_range":1,"v_qc":1})"
                                    "\n");
  settings.select.clear();
  settings.quality.detail = weir::rec_clean::FlagDetail::together;
  CHECK(flagged(settings, lines).find(R"({"v":3,"v_qc":4,"s":"a","ts":"2026-07-01T00:00:01Z","qc":4})") !=
        std::string::npos);
}

TEST_CASE("late records pass with the flag of their range") {
  CHECK(flagged(quality("v: rate 1/1s; range 0..2"),
                {reading(5, "a", "1"), reading(4, "a", "2"), reading(3, "a", "3"), reading(6, "a", "1")}) ==
        lines_of({{5, "a", "1", 1}, {4, "a", "2", 1}, {3, "a", "3", 4}, {6, "a", "1", 1}}));
}

TEST_CASE("what has no time, no room or no tests") {
  Settings settings = quality("v: gap 1m");
  settings.quality.max_keys = 1;
  const std::string out = flagged(settings, {R"({"s":"a","v":1})", reading(0, "a", "1"), reading(1, "b", "1")});
  CHECK(out.starts_with("! "));
  CHECK(out.find("! a new key, and 1 others are held (--max-keys)") != std::string::npos);
  settings = quality("pH: range 0..14");
  settings.parameter = "p";
  settings.value_field = "v";
  CHECK(flagged(settings, {R"({"ts":"2026-07-01T00:00:00Z","p":"BOD","v":77})",
                           R"({"ts":"2026-07-01T00:00:00Z","p":"pH","v":77})"}) ==
        R"({"ts":"2026-07-01T00:00:00Z","p":"BOD","v":77})"
        "\n"
        R"({"ts":"2026-07-01T00:00:00Z","p":"pH","v":77,"v_qc":4,"qc":4})"
        "\n");
}

TEST_CASE("a watermark is lowered while a record waits, and passed on after it") {
  Settings settings = quality("v: spike 1; gap 10s");
  RecClean stage(settings);
  weir::RecordParser parser(stage.fields());
  weir::Output out;
  const auto time = [](int second) {
    return weir::Time(std::chrono::seconds(1'782'864'000 + second));
  };  // of 2026-07-01
  for (int i = 0; i < 2; ++i) REQUIRE(!stage.on_record(*parser.parse_copy(reading(i, "a", "1"), 1), out).rejected());
  out.lines.clear();
  stage.on_watermark(time(5), out);
  CHECK(out.lines.empty());
  CHECK(stage.promise(time(5)) == time(1));
  SECTION("the next value comes") {
    REQUIRE(!stage.on_record(*parser.parse_copy(reading(2, "a", "null"), 1), out).rejected());
    CHECK(out.lines.find(R"(:01Z","s":"a","v":1,"v_qc":1,"qc":1})") != std::string::npos);
    CHECK(out.lines.find("watermark") != std::string::npos);
    CHECK(stage.promise(time(5)) == time(5));
  }
  SECTION("none can come before a gap") {
    stage.on_watermark(time(12), out);
    CHECK(out.lines.find(R"(:01Z","s":"a","v":1,"v_qc":1,"qc":1})") != std::string::npos);
    CHECK(stage.promise(time(12)) == time(12));
  }
}

TEST_CASE("a watermark that was passed on whole is not written again") {
  Settings settings = quality("v: spike 1; gap 10s");
  const char* values[] = {"1", "1", "null"};
  SECTION("records wait for a test") {}
  SECTION("records wait for a fill") {
    settings.quality.tests.clear();
    settings.gaps = {{"v=linear"}, std::chrono::minutes(5), {}};
    values[1] = "null";
    values[2] = "3";
  }
  RecClean stage(settings);
  weir::RecordParser parser(stage.fields());
  weir::Output out;
  const auto put = [&](const std::string& line) {
    REQUIRE(!stage.on_record(*parser.parse_copy(line, 1), out).rejected());
  };
  put(reading(0, "a", values[0]));
  put(reading(1, "a", values[1]));
  const weir::Time time(std::chrono::seconds(1'782'864'001));  // that of the record that waits
  stage.on_watermark(time, out);
  CHECK(stage.promise(time) == time);
  CHECK(out.lines.find(":01Z") == std::string::npos);
  put(reading(2, "a", values[2]));
  CHECK(out.lines.find(":01Z") != std::string::npos);
  CHECK(out.lines.find("watermark") == std::string::npos);
}

TEST_CASE("records that wait are written when there is no room for more") {
  Settings settings = quality("v: spike 1");
  settings.quality.max_held = 1;
  CHECK(flagged(settings, {reading(0, "a", "1"), reading(1, "a", "3"), reading(2, "a", "1")}).find("3}") ==
        std::string::npos);
}

TEST_CASE("tests that are refused") {
  const auto refused = [](const std::string& tests) {
    try {
      const RecClean stage(quality(tests));
    } catch (const std::invalid_argument& error) {
      return std::string(error.what());
    }
    return std::string("taken");
  };
  CHECK(refused("range 0..1").find("expected FIELD: TESTS") != std::string::npos);
  CHECK(refused("v: spike x") == "--qc v: spike x: spike: 'x' is not a number");
}
