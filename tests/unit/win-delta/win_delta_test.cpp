#include "win_delta.hpp"

#include <fmt/format.h>

#include <map>
#include <optional>
#include <stdexcept>

#include "catch.hpp"
#include "record/decimal.hpp"
#include "record/parser.hpp"

using namespace weir;
using namespace weir::win_delta;
using namespace std::chrono_literals;

namespace {

std::string difference(std::string_view later, std::string_view earlier) {
  std::string out;
  append_difference(out, later, earlier);
  return out;
}

class Stream {
 public:
  explicit Stream(Duration allow_late) : Stream(settings(allow_late)) {}
  explicit Stream(const Settings& settings) : stage_(settings), parser_(stage_.fields()) {}

  std::string give(const std::string& line) {
    const Record* record = parser_.parse_copy(line, 1);
    REQUIRE(record != nullptr);
    out_.lines.clear();
    const Verdict verdict = stage_.on_record(*record, out_);
    return verdict.rejected() ? verdict.reason() : out_.lines;
  }
  WinDelta& stage() { return stage_; }
  const Output& out() const { return out_; }

  static Settings settings(Duration allow_late) {
    Settings settings;
    settings.time.epochs = weir::Epochs::any;
    settings.time.field = "t";
    settings.by = {"k"};
    settings.fields = {"v as d"};
    settings.allow_late = allow_late;
    return settings;
  }

 private:
  WinDelta stage_;
  RecordParser parser_;
  Output out_;
};

const std::string second_row =
    "a second row for this key and time, without a higher rev: name what tells them apart in --by, or aggregate with "
    "win-agg first";

}  // namespace

TEST_CASE("a retracted row has no value") {
  Stream stream(1h);
  CHECK(stream.give(R"({"t":10,"v":3})") == "{\"t\":10,\"v\":3,\"d\":null}\n");
  CHECK(stream.give(R"({"t":20,"v":5,"rev":0})") == "{\"t\":20,\"v\":5,\"rev\":0,\"d\":2}\n");
  CHECK(stream.give(R"({"t":30,"v":9})") == "{\"t\":30,\"v\":9,\"d\":4}\n");
  CHECK(stream.give(R"({"t":20,"v":0,"rev":1,"retracted":true})") ==
        "{\"t\":20,\"v\":0,\"rev\":1,\"retracted\":true,\"d\":null}\n{\"t\":30,\"v\":9,\"d\":6,\"rev\":1}\n");
  CHECK(stream.give(R"({"t":20,"v":4,"rev":2,"retracted":false})") ==
        "{\"t\":20,\"v\":4,\"rev\":2,\"retracted\":false,\"d\":1}\n{\"t\":30,\"v\":9,\"d\":5,\"rev\":2}\n");
}

TEST_CASE("differences are exact in decimals") {
  CHECK(difference("110.3", "100.1") == "10.2");
  CHECK(difference("100.1", "110.3") == "-10.2");
  CHECK(difference("0.05", "0.1") == "-0.05");
  CHECK(difference("-3", "-3.00") == "0");
  CHECK(difference("1.50", "0.5") == "1");
  CHECK(difference("9007199254740993", "9007199254740992") == "1");
  CHECK(difference("999999999999999999", "-999999999999999999") == "1999999999999999998");
  CHECK(difference("900000000000000000", "0.00000000000000001") == "899999999999999999.99999999999999999");
  CHECK(difference("9223372036854775301", "9223372036854775001") == "300");
  CHECK(difference("18446744073709551615", "-18446744073709551615") == "36893488147419103230");
  CHECK(difference("900000000000000000", "0.0000000000000000000000000000000001") == "9e+17");  // as doubles
  CHECK(difference("1e3", "1") == "999");
  CHECK(difference("1e308", "-1e308") == "null");
}

TEST_CASE("a field may be renamed") {
  CHECK(parse_delta_field("v").name == "v_delta");
  CHECK(parse_delta_field(" a.b ").path == "a.b");
  CHECK(parse_delta_field("max_v as grown").path == "max_v");
  CHECK(parse_delta_field("max_v as  grown ").name == "grown");
  CHECK_THROWS_AS(parse_delta_field("  "), std::invalid_argument);
  CHECK_THROWS_AS(parse_delta_field("v as  "), std::invalid_argument);
}

TEST_CASE("each key has its own differences, the first is null") {
  Stream stream(0s);
  CHECK(stream.give(R"({"t":1,"k":"a","v":10})") == "{\"t\":1,\"k\":\"a\",\"v\":10,\"d\":null}\n");
  CHECK(stream.give(R"({"t":1,"k":"b","v":1})") == "{\"t\":1,\"k\":\"b\",\"v\":1,\"d\":null}\n");
  CHECK(stream.give(R"({"t":2,"k":"a","v":12.5})") == "{\"t\":2,\"k\":\"a\",\"v\":12.5,\"d\":2.5}\n");
  CHECK(stream.give(R"({"t":3,"k":"a","v":null,"d":7})") == "{\"t\":3,\"k\":\"a\",\"v\":null,\"d\":null}\n");
  CHECK(stream.give(R"({"t":4,"k":"a","v":2.5})") == "{\"t\":4,\"k\":\"a\",\"v\":2.5,\"d\":-10}\n");
  CHECK(stream.stage().counts().text() == "1 missing or null value left out");
}

TEST_CASE("a revision is written again, and so is the next row") {
  Stream stream(10s);
  stream.give(R"({"t":1,"k":"a","v":10,"rev":0})");
  stream.give(R"({"t":2,"k":"a","v":20,"rev":0})");
  stream.give(R"({"t":3,"k":"a","v":30,"rev":0})");
  CHECK(stream.give(R"({"t":2,"k":"a","v":25,"rev":1})") ==
        "{\"t\":2,\"k\":\"a\",\"v\":25,\"rev\":1,\"d\":15}\n"
        "{\"t\":3,\"k\":\"a\",\"v\":30,\"rev\":1,\"d\":5}\n");
  // The next row has been written with rev 1 already, so its first own revision is the second one written.
  CHECK(stream.give(R"({"t":3,"k":"a","v":31,"rev":1})") == "{\"t\":3,\"k\":\"a\",\"v\":31,\"rev\":2,\"d\":6}\n");
  CHECK(stream.give(R"({"t":3,"k":"a","v":99,"rev":1})") == second_row);
  CHECK(stream.give(R"({"t":2,"k":"a","v":99,"rev":0})").empty());
  CHECK(stream.stage().counts().text() == "1 row left out, no newer than the one in their place (rev)");
  // The same value again: later rows do not change.
  CHECK(stream.give(R"({"t":2,"k":"a","v":25,"rev":4})") == "{\"t\":2,\"k\":\"a\",\"v\":25,\"rev\":4,\"d\":15}\n");
}

TEST_CASE("a revision reaches over rows without a value") {
  Stream stream(10s);
  stream.give(R"({"t":1,"k":"a","v":10})");
  stream.give(R"({"t":2,"k":"a"})");
  stream.give(R"({"t":3,"k":"a","v":30})");
  CHECK(stream.give(R"({"t":1,"k":"a","v":11,"rev":1})") ==
        "{\"t\":1,\"k\":\"a\",\"v\":11,\"rev\":1,\"d\":null}\n"
        "{\"t\":3,\"k\":\"a\",\"v\":30,\"d\":19,\"rev\":1}\n");
  // The row in between has a value after all.
  CHECK(stream.give(R"({"t":2,"k":"a","v":12,"rev":1})") ==
        "{\"t\":2,\"k\":\"a\",\"v\":12,\"rev\":1,\"d\":1}\n"
        "{\"t\":3,\"k\":\"a\",\"v\":30,\"d\":18,\"rev\":2}\n");
}

TEST_CASE("a row that comes between two changes the second") {
  Stream stream(10s);
  stream.give(R"({"t":1,"k":"a","v":10})");
  stream.give(R"({"t":3,"k":"a","v":30})");
  CHECK(stream.give(R"({"t":2,"k":"a","v":25})") ==
        "{\"t\":2,\"k\":\"a\",\"v\":25,\"d\":15}\n"
        "{\"t\":3,\"k\":\"a\",\"v\":30,\"d\":5,\"rev\":1}\n");
  CHECK(stream.give(R"({"t":0,"k":"a","v":0})") ==
        "{\"t\":0,\"k\":\"a\",\"v\":0,\"d\":null}\n"
        "{\"t\":1,\"k\":\"a\",\"v\":10,\"d\":10,\"rev\":1}\n");
}

TEST_CASE("early results are replaced without a rev") {
  Stream stream(0s);
  stream.give(R"({"t":1,"k":"a","v":10,"partial":false})");
  CHECK(stream.give(R"({"t":2,"k":"a","v":11,"partial":true})") ==
        "{\"t\":2,\"k\":\"a\",\"v\":11,\"partial\":true,\"d\":1}\n");
  CHECK(stream.give(R"({"t":2,"k":"a","v":14,"partial":false})") ==
        "{\"t\":2,\"k\":\"a\",\"v\":14,\"partial\":false,\"d\":4}\n");
  CHECK(stream.give(R"({"t":2,"k":"a","v":15,"partial":true})").empty());
  CHECK(stream.give(R"({"t":2,"k":"a","v":15,"partial":false})") == second_row);
}

TEST_CASE("a second row of a key and time is a reject, the same row again is counted") {
  Stream stream(1h);
  const std::string row = R"({"t":1,"k":"a","v":10})";
  stream.give(row);
  stream.give(R"({"t":2,"k":"a","v":20})");
  CHECK(stream.give(R"({"t":2,"k":"a","v":21})") == second_row);
  CHECK(stream.give(R"({"t":2,"k":"a","v":20,"place":"hall"})") == second_row);
  CHECK(stream.out().messages.empty());
  CHECK(stream.give(row).empty());
  CHECK(stream.give(row).empty());
  REQUIRE(stream.out().messages.size() == 1);
  CHECK(stream.out().messages[0].text == "the same row as one before: left out");
  CHECK(stream.stage().counts().text() == "2 rows left out that came again");
  CHECK(stream.stage().counts().lost_since({}) == 0);
  CHECK(stream.give(R"({"t":3,"k":"a","v":22})") == "{\"t\":3,\"k\":\"a\",\"v\":22,\"d\":2}\n");
}

TEST_CASE("a value that is not a number costs no other value of its row") {
  Settings settings = Stream::settings(0s);
  settings.fields = {"v as d", "w as e"};
  Stream stream(settings);
  stream.give(R"({"t":1,"k":"a","v":10,"w":1})");
  CHECK(stream.give(R"({"t":2,"k":"a","v":"21,5","w":3})") ==
        "{\"t\":2,\"k\":\"a\",\"v\":\"21,5\",\"w\":3,\"d\":null,\"e\":2}\n");
  CHECK(stream.give(R"({"t":3,"k":"a","v":1e400,"w":4})") ==
        "{\"t\":3,\"k\":\"a\",\"v\":1e400,\"w\":4,\"d\":null,\"e\":1}\n");
  CHECK(stream.give(R"({"t":4,"k":"a","v":30,"w":5})") == "{\"t\":4,\"k\":\"a\",\"v\":30,\"w\":5,\"d\":20,\"e\":1}\n");
  REQUIRE(stream.out().messages.size() == 1);
  CHECK(stream.out().messages[0].text == "v \"21,5\" is not a number (csv-tail --decimal , makes it one): left out");
  CHECK(stream.stage().counts().text() == "2 non-numeric values left out");
  CHECK(stream.give(R"({"t":5,"k":"a","v":"x","w":null})") == "v \"x\" is not a number");

  settings.strict = true;
  Stream strict(settings);
  CHECK(strict.give(R"({"t":2,"k":"a","v":"x","w":3})") == "v \"x\" is not a number");
}

TEST_CASE("a row too old for the newest row of its key is late") {
  Stream stream(2s);
  stream.give(R"({"t":10,"k":"a","v":10})");
  stream.give(R"({"t":12,"k":"a","v":12})");
  stream.give(R"({"t":13,"k":"a","v":15})");
  CHECK(stream.give(R"({"t":10,"k":"a","v":9,"rev":1})").empty());
  CHECK(stream.give(R"({"t":11,"k":"a","v":11})") ==
        "{\"t\":11,\"k\":\"a\",\"v\":11,\"d\":1}\n{\"t\":12,\"k\":\"a\",\"v\":12,\"d\":1,\"rev\":1}\n");
  CHECK(stream.stage().counts().text() ==
        "1 row beyond --allow-late left out (--late FILE keeps them, --late drop does not)");
}

TEST_CASE("unusable rows are rejected") {
  Stream stream(0s);
  CHECK(stream.give(R"({"t":1,"k":"a","v":"10"})") == "v \"10\" is not a number");
  CHECK(stream.give(R"({"t":1,"k":"a","v":1,"rev":1.5})") == "rev is not a whole number");
  CHECK(stream.give(R"({"t":1,"k":"a","v":1,"rev":"2"})") == "rev is not a whole number");
  CHECK(stream.give(R"({"k":"a","v":1})") == "no usable time: t is missing (--time names the field)");
  Settings settings;
  settings.time.epochs = weir::Epochs::any;
  settings.fields = {"v as d", "w as d"};
  CHECK_THROWS_AS(WinDelta(settings), std::invalid_argument);
}

TEST_CASE("for any revisions in any order, the last output equals a computation over all rows") {
  constexpr int times = 12;
  std::uint32_t random = 7;
  const auto below = [&random](std::uint32_t n) {
    random = random * 1664525 + 1013904223;
    return (random >> 8) % n;
  };
  FieldSet fields;
  const FieldId at = fields.add("t");
  const FieldId rev = fields.add("rev");
  const FieldId delta = fields.add("d");
  RecordParser reader(fields);
  for (int run = 0; run < 300; ++run) {
    Stream stream{std::chrono::seconds(times)};
    struct Held {
      std::optional<int> value;
      int rev;
    };
    std::map<int, Held> rows;
    struct Row {
      std::string delta;
      int rev;
    };
    std::map<int, Row> last;  // the output, as an upsert would leave it
    for (int i = 0; i < 40; ++i) {
      const int time = static_cast<int>(below(times));
      const bool known = rows.count(time) > 0;
      const Held now{below(4) == 0 ? std::nullopt : std::optional(static_cast<int>(below(9))),
                     known ? rows[time].rev + static_cast<int>(below(3)) : 0};
      const bool holds = !known || now.rev > rows[time].rev;
      const bool same = known && now.rev == rows[time].rev && now.value == rows[time].value;
      if (holds) rows[time] = now;
      std::string out = stream.give(fmt::format(R"({{"t":{},"k":1,"v":{},"rev":{}}})", time,
                                                now.value ? std::to_string(*now.value) : "null", now.rev));
      if (!holds) {
        REQUIRE(out == (same ? "" : second_row));
        continue;
      }
      REQUIRE_FALSE(out.empty());
      for (std::size_t end = 0; (end = out.find('\n')) != std::string::npos; out.erase(0, end + 1)) {
        const Record* record = reader.parse_copy(out.substr(0, end), 1);
        REQUIRE(record != nullptr);
        const int when = static_cast<int>((*record)[at].number().value());
        const int went_as = static_cast<int>((*record)[rev].number().value());
        if (last.count(when) > 0) REQUIRE(went_as > last[when].rev);
        last[when] = {std::string((*record)[delta].raw), went_as};
      }
    }
    std::optional<int> before;
    REQUIRE(last.size() == rows.size());
    for (const auto& [time, row] : rows) {
      INFO("run " << run << ", time " << time);
      REQUIRE(last[time].delta == (row.value && before ? std::to_string(*row.value - *before) : "null"));
      if (row.value) before = row.value;
    }
  }
}

TEST_CASE("a counter that falls counts from zero, and rows that come between revise it") {
  Settings settings;
  settings.time.epochs = Epochs::any;
  settings.time.field = "t";
  settings.fields = {"v as d"};
  settings.falling = Falling::reset;
  settings.allow_late = 1h;
  WinDelta stage(settings);
  RecordParser parser(stage.fields());
  Output out;
  const auto give = [&](const char* line) {
    out.lines.clear();
    CHECK_FALSE(stage.on_record(*parser.parse_copy(line, 1), out).rejected());
    return out.lines;
  };
  CHECK(give(R"({"t":1,"v":9223372036854775807})") == "{\"t\":1,\"v\":9223372036854775807,\"d\":null}\n");
  CHECK(give(R"({"t":2,"v":9223372036854775806})") ==
        "{\"t\":2,\"v\":9223372036854775806,\"d\":9223372036854775806}\n");
  CHECK(give(R"({"t":4,"v":2.50})") == "{\"t\":4,\"v\":2.50,\"d\":2.5}\n");
  CHECK(give(R"({"t":5,"v":2.5})") == "{\"t\":5,\"v\":2.5,\"d\":0}\n");
  CHECK(give(R"({"t":3,"v":1.25})") == "{\"t\":3,\"v\":1.25,\"d\":1.25}\n{\"t\":4,\"v\":2.50,\"d\":1.25,\"rev\":1}\n");
}
