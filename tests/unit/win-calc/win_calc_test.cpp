#include "win_calc.hpp"

#include <fmt/format.h>

#include <array>
#include <map>
#include <stdexcept>

#include "catch.hpp"
#include "record/parser.hpp"

using namespace weir;
using namespace weir::win_calc;
using namespace std::chrono_literals;

namespace {

Settings calculating(std::initializer_list<const char*> calculations) {
  Settings settings;
  settings.time.epochs = weir::Epochs::any;
  for (const char* each : calculations) settings.calculations.emplace_back(each);
  settings.series_field = "s";
  settings.value_field = "v";
  return settings;
}

/// The difference of two series.
Settings difference(Missing missing = Missing::null, Duration allow_late = {}) {
  Settings settings = calculating({"r = a - b"});
  settings.missing = missing;
  settings.allow_late = allow_late;
  return settings;
}

/// Feeds rows and lists the output: `60: r=3.5` is a result for the window that ends at second 60. `~` marks a partial
/// one, `#2` its rev; `…` is a watermark.
class Stream {
 public:
  explicit Stream(Settings settings) : stage_(std::move(settings)), parser_(stage_.fields()), reader_(out_fields_) {}

  /// A row of the one-minute window that ends then.
  std::string row(int end, std::string_view series, std::string_view value, std::string_view more = "") {
    return give(
        fmt::format(R"({{"window_start":{},"window_end":{},"s":"{}","v":{}{}}})", end - 60, end, series, value, more));
  }
  std::string give(const std::string& line) {
    const Record* record = parser_.parse_copy(line, 1);
    REQUIRE(record != nullptr);
    const Verdict verdict = stage_.on_record(*record, out_);
    return verdict.rejected() ? verdict.reason() : listed();
  }
  std::string watermark(int second) {
    stage_.on_watermark(Time(std::chrono::seconds(second)), out_);
    return listed();
  }
  std::string end() {
    stage_.on_end(out_);
    return listed();
  }
  WinCalc& stage() { return stage_; }

 private:
  std::string listed() {
    std::string text;
    std::size_t begin = 0;
    for (std::size_t end = 0; (end = out_.lines.find('\n', begin)) != std::string::npos; begin = end + 1) {
      const std::string line = out_.lines.substr(begin, end - begin);
      const Record* row = reader_.parse_copy(line, 1);
      REQUIRE(row != nullptr);
      if (!text.empty()) text += ", ";
      if ((*row)[ctl_].present()) {
        text += "…";
        continue;
      }
      TimeParser times;
      const Time time = times.parse((*row)[window_end_].text).value();
      text += fmt::format("{}: {}={}", time.time_since_epoch() / 1s, (*row)[series_].text, (*row)[value_].raw);
      if ((*row)[partial_].is_true()) text += "~";
      if ((*row)[rev_].present() && (*row)[rev_].raw != "0") text += fmt::format("#{}", (*row)[rev_].raw);
    }
    out_.lines.clear();
    return text;
  }

  WinCalc stage_;
  RecordParser parser_;
  Output out_;
  FieldSet out_fields_;
  FieldId window_end_ = out_fields_.add("window_end"), series_ = out_fields_.add("s"), value_ = out_fields_.add("v");
  FieldId partial_ = out_fields_.add("partial"), rev_ = out_fields_.add("rev"), ctl_ = out_fields_.add("@ctl");
  RecordParser reader_;
};

/// The reason of a reject: another value than the one in its place, with no higher rev.
std::string second_value(std::string_view series, std::string_view place) {
  return fmt::format(
      "a second value of '{}' for this key and {}, without a higher rev: name what tells them apart in "
      "--by, or aggregate with win-agg first",
      series, place);
}

}  // namespace

TEST_CASE("readings of the same key and time each have their result") {
  Settings settings = calculating({"r = v * 2", "more = v > 1"});
  settings.shape = Shape::wide_rows;
  settings.series_field.reset();
  settings.by = {"s"};
  settings.time.field = "t";
  WinCalc stage(settings);
  RecordParser parser(stage.fields());
  Output out;
  for (const char* line : {R"({"t":60,"s":"x","v":1})", R"({"t":60,"s":"x","v":1.5})", R"({"t":60,"s":"x","v":1})",
                           R"({"t":5,"s":"x","v":null})"})
    CHECK_FALSE(stage.on_record(*parser.parse_copy(line, 1), out).rejected());
  stage.on_end(out);
  const std::string minute = R"({"t":"1970-01-01T00:01:00Z","s":"x",)";
  CHECK(out.lines == minute + "\"r\":2}\n" + minute + "\"more\":false}\n" + minute + "\"r\":3}\n" + minute +
                         "\"more\":true}\n" + minute + "\"r\":2}\n" + minute + "\"more\":false}\n" +
                         R"({"t":"1970-01-01T00:00:05Z","s":"x","r":null})"
                         "\n"
                         R"({"t":"1970-01-01T00:00:05Z","s":"x","more":null})"
                         "\n");
  CHECK(stage.counts().text().empty());
}

TEST_CASE("calculations with strings") {
  Settings settings = calculating({"r = concat(upper(left(a, 1)), b)", "rounded = round(c / 3, 2)"});
  settings.time.field = "t";
  WinCalc stage(settings);
  RecordParser parser(stage.fields());
  Output out;
  for (const char* line :
       {R"({"t":60,"s":"a","v":"ärmel"})", R"({"t":60,"s":"b","v":7.50})", R"({"t":60,"s":"c","v":2})"})
    CHECK_FALSE(stage.on_record(*parser.parse_copy(line, 1), out).rejected());
  CHECK(stage.on_record(*parser.parse_copy(R"({"t":61,"s":"c","v":"2"})", 1), out).reason() ==
        "v \"2\" is not a number");
  CHECK(out.lines == R"({"t":"1970-01-01T00:01:00Z","s":"r","v":"Ä7.50"})"
                     "\n"
                     R"({"t":"1970-01-01T00:01:00Z","s":"rounded","v":0.67})"
                     "\n");
}

TEST_CASE("of series that come apart, a second value is a reject, and a repeated one is counted") {
  Settings settings = difference();
  settings.time.field = "t";
  WinCalc stage(settings);
  RecordParser parser(stage.fields());
  Output out;
  const auto give = [&](const char* line) {
    const Verdict verdict = stage.on_record(*parser.parse_copy(line, 1), out);
    return verdict.rejected() ? verdict.reason() : std::string();
  };
  CHECK(give(R"({"t":60,"s":"a","v":9223372036854775807})").empty());
  CHECK(give(R"({"t":60,"s":"a","v":9223372036854775807})").empty());
  CHECK(give(R"({"t":60,"s":"a","v":9223372036854775806})") == second_value("a", "time"));
  CHECK(give(R"({"t":60,"s":"b","v":9223372036854775805})").empty());
  CHECK(out.lines == R"({"t":"1970-01-01T00:01:00Z","s":"r","v":2})"
                     "\n");
  CHECK(stage.counts().text() == "1 row left out, no newer than the one in their place (rev)");
}

TEST_CASE("a retracted row has no value") {
  Settings settings = calculating({"r = a + b"});
  settings.allow_late = 1h;
  Stream stream(std::move(settings));
  CHECK(stream.row(60, "a", "1") == "");
  CHECK(stream.row(60, "b", "2") == "60: r=3");
  CHECK(stream.row(60, "a", "0", R"(,"rev":1,"retracted":true)") == "60: r=null#1");
  CHECK(stream.row(60, "a", "5", R"(,"rev":2,"retracted":false)") == "60: r=7#2");
}

TEST_CASE("a calculation is a name and an expression") {
  CHECK(parse_calculation(" rest = a - b").name == "rest");
  CHECK(parse_calculation("low=a<=b").expression.text() == "a<=b");
  CHECK_THROWS_AS(parse_calculation("a - b"), std::invalid_argument);
  CHECK_THROWS_AS(parse_calculation("a == b"), std::invalid_argument);
  CHECK_THROWS_AS(parse_calculation("a <= b"), std::invalid_argument);
  CHECK_THROWS_AS(parse_calculation("= b"), std::invalid_argument);
  CHECK_THROWS_AS(parse_calculation("a = 3"), std::invalid_argument);
  CHECK_THROWS_AS(parse_calculation("a = b -"), expr::SyntaxError);
  CHECK_THROWS_AS(WinCalc(calculating({"x = a", "x = b"})), std::invalid_argument);
}

TEST_CASE("an operand is a series, or a field of one") {
  CHECK(operand_of("Etot", Shape::long_rows, "value") == Operand{"Etot", "value"});
  CHECK(operand_of("Etot.used", Shape::long_rows, "value") == Operand{"Etot", "used"});
  CHECK(operand_of("a\\.b.c.d", Shape::long_rows, "value") == Operand{"a.b", "c.d"});
  CHECK(operand_of("a.b", Shape::wide_rows, "value") == Operand{"", "a.b"});
}

TEST_CASE("a result comes with the last of its series, whatever their order") {
  Stream stream(calculating({"r = a - b - c", "half = a / 2"}));
  CHECK(stream.row(60, "b", "1").empty());
  CHECK(stream.row(60, "other", "1").empty());
  CHECK(stream.row(60, "a", "10.5") == "60: half=5.25");
  CHECK(stream.row(60, "c", "2") == "60: r=7.5");
  CHECK(stream.end().empty());
  CHECK(stream.stage().counts().text().empty());
}

TEST_CASE("missing values at the end of a window") {
  SECTION("makes the result null") {
    Stream stream(calculating({"r = a - b"}));
    CHECK(stream.row(60, "a", "10").empty());
    CHECK(stream.row(120, "a", "11") == "60: r=null");
    CHECK(stream.row(120, "b", "null") == "120: r=null");
    CHECK(stream.row(180, "a", "11").empty());
    CHECK(stream.end() == "180: r=null");
    CHECK(stream.stage().counts().text() == "2 results for which a series was missing");
  }
  SECTION("counts as 0") {
    Stream stream(difference(Missing::zero));
    CHECK(stream.row(60, "a", "10").empty());
    CHECK(stream.row(120, "b", "3") == "60: r=10");
    CHECK(stream.row(120, "a", "null") == "120: r=-3");
  }
  SECTION("is waited for as long as the window is held") {
    Stream stream(difference(Missing::wait, 60s));
    CHECK(stream.row(60, "a", "10").empty());
    CHECK(stream.row(120, "a", "20").empty());
    CHECK(stream.row(60, "b", "1") == "60: r=9");
    CHECK(stream.row(181, "a", "20").empty());  // the window of 120 is no longer held
    CHECK(stream.row(120, "b", "1").empty());
    CHECK(stream.end().empty());
    CHECK(stream.stage().counts().text() ==
          "2 results left out for want of a series; 1 row of windows no longer held left out (--late FILE keeps them, "
          "--late drop does not)");
  }
}

TEST_CASE("a row with a higher rev replaces, and the result comes again when it changes") {
  Stream stream(difference(Missing::null, 1h));
  stream.row(60, "a", "10", R"(,"rev":0)");
  CHECK(stream.row(60, "b", "1", R"(,"rev":0)") == "60: r=9");
  stream.row(120, "a", "10", R"(,"rev":0)");
  CHECK(stream.row(60, "a", "12", R"(,"rev":1)") == "60: r=11#1");
  CHECK(stream.row(60, "b", "2", R"(,"rev":1)") == "60: r=10#2");
  CHECK(stream.row(60, "b", "2", R"(,"rev":1)").empty());
  CHECK(stream.row(60, "b", "5", R"(,"rev":1)") == second_value("b", "window"));
  CHECK(stream.row(60, "b", "5", R"(,"rev":0)").empty());
  CHECK(stream.row(60, "b", "2.0", R"(,"rev":7)").empty());  // the same result
  CHECK(stream.row(60, "b", "3", R"(,"rev":8)") == "60: r=9#8");
  CHECK(stream.stage().counts().text() == "2 rows left out, no newer than the one in their place (rev)");
}

TEST_CASE("a series that comes late revises null results") {
  Settings settings = calculating({"r = a - b"});
  settings.allow_late = 60s;
  Stream stream(std::move(settings));
  stream.row(60, "a", "10");
  CHECK(stream.row(120, "a", "10") == "60: r=null");
  CHECK(stream.row(60, "b", "1") == "60: r=9#1");
}

TEST_CASE("early results are replaced without a rev") {
  Stream stream(calculating({"r = a - b"}));
  stream.row(60, "a", "10", R"(,"partial":true)");
  CHECK(stream.row(60, "b", "1", R"(,"partial":true)") == "60: r=9~");
  CHECK(stream.row(60, "a", "12", R"(,"partial":false)") == "60: r=11~");
  CHECK(stream.row(60, "b", "1", R"(,"partial":false)") == "60: r=11");
  CHECK(stream.row(60, "b", "1", R"(,"partial":false)").empty());
  CHECK(stream.row(60, "b", "2", R"(,"partial":false)") == second_value("b", "window"));
}

TEST_CASE("lateness lets one stream lag behind another") {
  Settings settings = calculating({"r = a - b"});
  settings.lateness = 60s;
  Stream stream(std::move(settings));
  stream.row(60, "a", "1");
  CHECK(stream.row(120, "a", "2").empty());
  CHECK(stream.row(60, "b", "1") == "60: r=0");
  CHECK(stream.row(181, "a", "3") == "120: r=null");
}

TEST_CASE("by the watermark lines alone, one series may be any time ahead of another") {
  Settings settings = difference();
  settings.watermark = WatermarkOf::input;
  Stream stream(settings);
  CHECK(stream.row(60, "a", "5").empty());
  CHECK(stream.row(600, "a", "9").empty());
  CHECK(stream.row(60, "b", "2") == "60: r=3");
  CHECK(stream.row(120, "a", "1").empty());
  CHECK(stream.watermark(121) == "120: r=null");
  CHECK(stream.row(600, "b", "2") == "600: r=7");
  settings.lateness = 1s;
  CHECK_THROWS_AS(Stream(settings), std::invalid_argument);
}

TEST_CASE("windows of different length that end together are joined by their end") {
  Settings settings = calculating({"v = now < 0.5 * usual"});
  settings.shape = Shape::wide_rows;
  settings.series_field.reset();
  settings.match = Match::end;
  settings.by = {"s"};
  Stream stream(std::move(settings));
  CHECK(stream.give(R"({"window_start":60,"window_end":120,"s":"m1","now":4})").empty());
  CHECK(stream.give(R"({"window_start":60,"window_end":120,"s":"m2","now":6})").empty());
  CHECK(stream.give(R"({"window_start":0,"window_end":120,"s":"m2","usual":10})") == "120: m2=false");
  CHECK(stream.give(R"({"window_start":0,"window_end":120,"s":"m1","usual":10})") == "120: m1=true");
}

TEST_CASE("a watermark is lowered to the earliest row still to come, and raised later") {
  Stream stream(calculating({"r = a - b"}));
  stream.row(60, "a", "1");
  CHECK(stream.watermark(60).empty());
  CHECK(stream.stage().promise(Time(60s)) == Time(0s));
  CHECK(stream.row(60, "b", "1") == "60: r=0, …");
  CHECK(stream.stage().promise(Time(60s)) == Time(60s));
  stream.row(120, "a", "1");
  CHECK(stream.watermark(121) == "120: r=null");
  CHECK(stream.stage().promise(Time(121s)) == Time(121s));
}

TEST_CASE("unusable records are rejected, and leave no window") {
  Settings settings = calculating({"r = a - b"});
  settings.by = {"k"};
  settings.max_windows = 1;
  Stream stream(std::move(settings));
  CHECK(stream.row(60, "a", R"("1")") == "v \"1\" is not a number");
  CHECK(stream.row(60, "other", R"("1")").empty());
  CHECK(stream.row(60, "a", "1", R"(,"rev":1.5)") == "rev is not a whole number");
  CHECK(stream.give(R"({"s":"a","v":1})") == "no usable time: timestamp is missing (--time names the field)");
  CHECK(stream.give(R"({"window_end":60,"window_start":"x","s":"a","v":1})") ==
        R"(no usable time: window_start "x" is not a time)");
  CHECK(stream.row(60, "a", "1", R"(,"k":1)").empty());
  CHECK(stream.row(60, "a", "1", R"(,"k":2)") == "a new window of a key, and 1 others are held (--max-windows)");
  CHECK(stream.give(R"({"window_end":60,"s":"a","v":1,"k":1})") ==
        "a new window of a key, and 1 others are held (--max-windows)");
  CHECK(stream.row(60, "b", "1", R"(,"k":1)") == "60: r=0");
}

TEST_CASE("in any order of input, the last output equals a computation over all rows") {
  constexpr int none = -1;
  std::uint32_t random = 3;
  const auto below = [&random](std::uint32_t n) {
    random = random * 1664525 + 1013904223;
    return (random >> 8) % n;
  };
  const std::array<std::string, 3> series{"a", "b", "c"};
  for (int run = 0; run < 400; ++run) {
    Settings settings = calculating({"r = a - b + 10 * c"});
    settings.allow_late = 1h;
    settings.missing = std::array{Missing::null, Missing::zero, Missing::wait}[static_cast<std::size_t>(run % 3)];
    const Missing missing = settings.missing;
    Stream stream(std::move(settings));
    struct Held {
      int value;  // none: null
      int rev;
    };
    std::map<int, std::map<std::string, Held>> windows;
    std::map<int, std::string> last;
    std::map<int, int> revs;
    const auto note = [&](std::string text) {
      text += ", ";
      for (std::size_t end = 0; (end = text.find(", ")) != std::string::npos; text.erase(0, end + 2)) {
        if (end == 0) continue;
        const std::string entry = text.substr(0, end);
        const int time = std::stoi(entry);
        const std::size_t hash = entry.find('#');
        const int rev = hash == std::string::npos ? 0 : std::stoi(entry.substr(hash + 1));
        if (last.count(time) > 0) REQUIRE(rev > revs[time]);
        revs[time] = rev;
        last[time] = entry.substr(entry.find('=') + 1, hash == std::string::npos ? hash : hash - entry.find('=') - 1);
      }
    };
    for (int i = 0; i < 30; ++i) {
      const int end = 60 * static_cast<int>(1 + below(5));
      const std::string& one = series[below(3)];
      auto& window = windows[end];
      const bool known = window.count(one) > 0;
      const Held now{below(5) == 0 ? none : static_cast<int>(below(9)),
                     known ? window[one].rev + static_cast<int>(below(3)) : 0};
      if (!known || now.rev > window[one].rev) window[one] = now;
      const std::string text = stream.row(end, one, now.value != none ? std::to_string(now.value) : "null",
                                          fmt::format(",\"rev\":{}", now.rev));
      if (text != second_value(one, "window")) note(text);
    }
    note(stream.end());
    for (const auto& [end, window] : windows) {
      INFO("run " << run << ", window " << end);
      int sum = 0;
      bool known = true;
      for (const auto& [name, factor] : std::map<std::string, int>{{"a", 1}, {"b", -1}, {"c", 10}}) {
        const auto found = window.find(name);
        const int value = found == window.end() ? none : found->second.value;
        if (value != none)
          sum += factor * value;
        else if (missing != Missing::zero)
          known = false;
      }
      if (missing == Missing::wait && window.size() < 3)
        REQUIRE(last.count(end) == 0);
      else
        REQUIRE(last[end] == (known ? std::to_string(sum) : "null"));
    }
  }
}
