#include "copy_text.hpp"

#include "appended.hpp"
#include "catch.hpp"

using namespace weir;
using namespace weir::pg_load;

namespace {

std::string escaped(std::string_view text) { return test::appended(append_copy_text, text); }

/// The field for a token, or `!` and why not. `text` is a string's content where it has escapes.
std::string field(const Column& column, Kind value, std::string_view raw, std::string_view text = {},
                  Conversion conversion = {}) {
  std::string out;
  if (text.empty()) text = value == Kind::string ? raw.substr(1, raw.size() - 2) : raw;
  const ValueProblem problem = append_copy_value(out, {value, raw, text}, column, conversion);
  return problem ? std::string("!") + problem.text : out;
}
Column of_kind(ColumnKind kind, int decimals = -1) {
  Column column;
  column.kind = kind;
  column.decimals = decimals;
  return column;
}
std::string field(ColumnKind kind, Kind value, std::string_view raw, std::string_view text = {}) {
  return field(of_kind(kind), value, raw, text);
}
Conversion in_zone(const char* name) { return {TimeParser(Zone::find(name).value())}; }

}  // namespace

TEST_CASE("what would end a field or a row is escaped, everything else stays") {
  CHECK(escaped("a\tb\nc\rd\\e\\.") == "a\\tb\\nc\\rd\\\\e\\\\.");
  CHECK(escaped("\b\f\v") == "\\b\\f\\v");
  CHECK(escaped("") == "");
  CHECK(escaped("\\N") == "\\\\N");
  CHECK(escaped("Zürich 'x' \"y\"; --") == "Zürich 'x' \"y\"; --");
}

TEST_CASE("null and missing are NULL in every column") {
  for (const ColumnKind kind : {ColumnKind::text, ColumnKind::double_precision, ColumnKind::time, ColumnKind::json}) {
    CHECK(field(kind, Kind::null, "null") == "\\N");
    CHECK(field(kind, Kind::missing, "") == "\\N");
  }
}

TEST_CASE("numbers keep their digits wherever they go") {
  CHECK(field(ColumnKind::numeric, Kind::number, "1499816949527975237") == "1499816949527975237");
  CHECK(field(ColumnKind::text, Kind::number, "1.10e0") == "1.10e0");
  CHECK(field(ColumnKind::integer, Kind::number, "75.0") == "75");
  CHECK(field(ColumnKind::integer, Kind::number, "75.0e1") == "750");
  CHECK(field(ColumnKind::integer, Kind::number, "0.0e99") == "0");
  CHECK(field(ColumnKind::integer, Kind::number, "-9223372036854775808") == "-9223372036854775808");
  CHECK(field(ColumnKind::json, Kind::number, "1.50") == "1.50");
}

TEST_CASE("a number that its column does not hold exactly") {
  const std::string whole = "!is not a whole number of 64 bits";
  const std::string digits = "!has more digits than its column keeps exactly; --round rounds it";
  for (const char* number : {"75.5", "9223372036854775808", "1e19", "1e-1", "1e99999999999999999999"})
    CHECK(field(ColumnKind::integer, Kind::number, number) == whole);
  for (const char* number : {"9007199254740993", "0.1234567890123456789", "1e400", "1e-400"})
    CHECK(field(ColumnKind::double_precision, Kind::number, number) == digits);
  for (const char* number : {"9007199254740992", "22.033333333333335", "1e22", "5e-324", "0.1", "-0.0", "0e400",
                             "100000000000000000000", "1.7976931348623157e308"})
    CHECK(field(ColumnKind::double_precision, Kind::number, number) == number);
  CHECK(field(ColumnKind::real, Kind::number, "20.1") == "20.1");
  CHECK(field(ColumnKind::real, Kind::number, "16777217") == digits);
  CHECK(field(of_kind(ColumnKind::numeric, 2), Kind::number, "20.120") == "20.120");
  CHECK(field(of_kind(ColumnKind::numeric, 2), Kind::number, "20.125") == digits);
  CHECK(field(of_kind(ColumnKind::numeric, 0), Kind::number, "1.5e1") == "1.5e1");
  const Conversion rounds{TimeParser(), Inexact::rounded};
  CHECK(field(of_kind(ColumnKind::double_precision), Kind::number, "9007199254740993", {}, rounds) ==
        "9007199254740993");
  CHECK(field(of_kind(ColumnKind::integer), Kind::number, "75.5", {}, rounds) == whole);
}

TEST_CASE("only a number's text gets into a number's column") {
  for (const char* word : {"\"NaN\"", "\"inf\"", "\"007\"", "\"+5\"", "\" 5\"", "\"0x10\"", "\"1_000\"", "\"21,5\""}) {
    CHECK(field(ColumnKind::double_precision, Kind::string, word) == "!is not a number");
    CHECK(field(ColumnKind::integer, Kind::string, word) == "!is not a number");
  }
  CHECK(field(ColumnKind::integer, Kind::boolean, "true") == "!is not a number");
  CHECK(field(ColumnKind::numeric, Kind::array, "[1]") == "!is not a number");
  CHECK(field(ColumnKind::double_precision, Kind::string, "\"12.5\"") == "12.5");
  CHECK(field(ColumnKind::text, Kind::string, "\"NaN\"") == "NaN");
}

TEST_CASE("times come to UTC") {
  CHECK(field(ColumnKind::time, Kind::string, "\"2026-01-01T00:30:00.25+02:00\"") == "2025-12-31T22:30:00.250Z");
  CHECK(field(ColumnKind::time, Kind::number, "1661870592") == "2022-08-30T14:43:12Z");
  CHECK(field(ColumnKind::time, Kind::string, "\"9999-12-31T00:00:00Z\"") == "9999-12-31T00:00:00Z");
  CHECK(field(ColumnKind::time, Kind::string, "\"9999-12-31T00:00:00+02:00\"") ==
        "!is not a timestamp");  // the server would drop the offset
  CHECK(field(ColumnKind::time, Kind::string, "\"yesterday\"") == "!is not a timestamp");
  CHECK(field(ColumnKind::time, Kind::boolean, "true") == "!is not a timestamp");
}

TEST_CASE("a time that is finer than its column") {
  const std::string finer = "!is finer than its column keeps; --round rounds it";
  CHECK(field(ColumnKind::time, Kind::string, "\"2026-01-01T00:00:00.123456Z\"") == "2026-01-01T00:00:00.123456Z");
  CHECK(field(ColumnKind::time, Kind::string, "\"2026-01-01T00:00:00.123456789Z\"") == finer);
  CHECK(field(of_kind(ColumnKind::time, 0), Kind::string, "\"2026-01-01T00:00:00.5Z\"") == finer);
  CHECK(field(of_kind(ColumnKind::time, 3), Kind::string, "\"2026-01-01T00:00:00.5Z\"") == "2026-01-01T00:00:00.500Z");
}

TEST_CASE("a date is the day of --tz, else that of the offset in the text") {
  const auto day = [](std::string_view raw, const char* zone) {
    const Kind kind = raw.front() == '"' ? Kind::string : Kind::number;
    return field(of_kind(ColumnKind::date), kind, raw, {}, in_zone(zone));
  };
  CHECK(day("\"2026-01-01T00:30:00+02:00\"", "UTC") == "2026-01-01");
  CHECK(day("\"2025-12-31T22:30:00Z\"", "UTC") == "2025-12-31");
  CHECK(day("\"2025-12-31T23:59:60-05:00\"", "UTC") == "2025-12-31");
  CHECK(day("\"2026-01-01\"", "UTC") == "2026-01-01");
  CHECK(day("1767225599", "UTC") == "2025-12-31");
  CHECK(day("\"2025-12-31T23:30:00Z\"", "Europe/Berlin") == "2026-01-01");
  CHECK(day("\"2026-01-01T00:30:00+02:00\"", "Europe/Berlin") == "2025-12-31");
  CHECK(day("\"2026-01-01 23:59:59\"", "Europe/Berlin") == "2026-01-01");
  CHECK(day("\"2026-01-01\"", "Europe/Berlin") == "2026-01-01");
  CHECK(day("1767225599", "Europe/Berlin") == "2026-01-01");
  CHECK(day("\"2026-02-30\"", "UTC") == "!is not a timestamp");
}

TEST_CASE("structures go as JSON, strings into JSON columns with their quotes") {
  CHECK(field(ColumnKind::json, Kind::object, R"({"a":"x\ny"})") == R"({"a":"x\\ny"})");
  CHECK(field(ColumnKind::json, Kind::string, "\"x\"") == "\"x\"");
  CHECK(field(ColumnKind::text, Kind::array, "[1,2]") == "[1,2]");
  CHECK(field(ColumnKind::other, Kind::boolean, "true") == "true");
}

TEST_CASE("a boolean column takes what the server takes, one that pg-load made true and false alone") {
  Column column = of_kind(ColumnKind::boolean);
  CHECK(field(column, Kind::number, "1") == "1");
  column.widens = true;
  CHECK(field(column, Kind::boolean, "false") == "false");
  CHECK(field(column, Kind::number, "1") == "!is not true or false");
  CHECK(field(column, Kind::string, "\"yes\"") == "!is not true or false");
}

TEST_CASE("NUL is refused") {
  using namespace std::string_view_literals;
  CHECK(field(ColumnKind::text, Kind::string, R"("a\u0000b")", "a\0b"sv) ==
        "!holds NUL, which PostgreSQL cannot store");
  CHECK(field(ColumnKind::other, Kind::string, R"("\u0000")", "\0"sv) == "!holds NUL, which PostgreSQL cannot store");
}
