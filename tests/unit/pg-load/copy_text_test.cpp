#include "copy_text.hpp"

#include "catch.hpp"

using namespace weir;
using namespace weir::pg_load;

namespace {

std::string escaped(std::string_view text) {
  std::string out;
  append_copy_text(out, text);
  return out;
}

/// The field for a token, or `!` and why not. `text` is a string's content where it has escapes.
std::string field(ColumnKind kind, Kind value, std::string_view raw, std::string_view text = {}) {
  TimeParser times;
  std::string out;
  if (text.empty()) text = value == Kind::string ? raw.substr(1, raw.size() - 2) : raw;
  const char* problem = append_copy_value(out, {value, raw, text}, kind, times);
  return problem != nullptr ? std::string("!") + problem : out;
}

}  // namespace

TEST_CASE("what would end a field or a row is escaped, everything else stays") {
  CHECK(escaped("a\tb\nc\rd\\e\\.") == "a\\tb\\nc\\rd\\\\e\\\\.");
  CHECK(escaped("\b\f\v") == "\\b\\f\\v");
  CHECK(escaped("") == "");
  CHECK(escaped("\\N") == "\\\\N");
  CHECK(escaped("Zürich 'x' \"y\"; --") == "Zürich 'x' \"y\"; --");
}

TEST_CASE("null and missing are NULL in every column") {
  for (const ColumnKind kind : {ColumnKind::text, ColumnKind::floating, ColumnKind::time, ColumnKind::json}) {
    CHECK(field(kind, Kind::null, "null") == "\\N");
    CHECK(field(kind, Kind::missing, "") == "\\N");
  }
}

TEST_CASE("numbers keep their digits wherever they go") {
  CHECK(field(ColumnKind::floating, Kind::number, "1499816949527975237") == "1499816949527975237");
  CHECK(field(ColumnKind::text, Kind::number, "1.10e0") == "1.10e0");
  CHECK(field(ColumnKind::integer, Kind::number, "75.0") == "75");
  CHECK(field(ColumnKind::integer, Kind::number, "75.5") == "75.5");  // the server refuses it
  CHECK(field(ColumnKind::integer, Kind::number, "75.0e1") == "75.0e1");
  CHECK(field(ColumnKind::json, Kind::number, "1.50") == "1.50");
}

TEST_CASE("a word for NaN or infinity does not get into a number's column") {
  for (const char* word : {"\"NaN\"", "\"inf\"", "\"-Infinity\""})
    CHECK(field(ColumnKind::floating, Kind::string, word) == "!is not a number");
  CHECK(field(ColumnKind::floating, Kind::string, "\"12.5\"") == "12.5");
  CHECK(field(ColumnKind::text, Kind::string, "\"NaN\"") == "NaN");
}

TEST_CASE("times come to UTC") {
  CHECK(field(ColumnKind::time, Kind::string, "\"2026-01-01T00:30:00.25+02:00\"") == "2025-12-31T22:30:00.250Z");
  CHECK(field(ColumnKind::time, Kind::number, "1661870592") == "2022-08-30T14:43:12Z");
  CHECK(field(ColumnKind::date, Kind::string, "\"2026-01-01T00:30:00+02:00\"") == "2025-12-31");
  CHECK(field(ColumnKind::date, Kind::string, "\"2026-01-01\"") == "2026-01-01");
  CHECK(field(ColumnKind::time, Kind::string, "\"9999-12-31T00:00:00Z\"") == "9999-12-31T00:00:00Z");
  CHECK(field(ColumnKind::time, Kind::string, "\"9999-12-31T00:00:00+02:00\"") ==
        "!is not a timestamp");  // the server would drop the offset
  CHECK(field(ColumnKind::time, Kind::string, "\"yesterday\"") == "!is not a timestamp");
  CHECK(field(ColumnKind::time, Kind::boolean, "true") == "!is not a timestamp");
}

TEST_CASE("structures go as JSON, strings into JSON columns with their quotes") {
  CHECK(field(ColumnKind::json, Kind::object, R"({"a":"x\ny"})") == R"({"a":"x\\ny"})");
  CHECK(field(ColumnKind::json, Kind::string, "\"x\"") == "\"x\"");
  CHECK(field(ColumnKind::text, Kind::array, "[1,2]") == "[1,2]");
  CHECK(field(ColumnKind::other, Kind::boolean, "true") == "true");
}

TEST_CASE("NUL is refused") {
  using namespace std::string_view_literals;
  CHECK(field(ColumnKind::text, Kind::string, R"("a\u0000b")", "a\0b"sv) ==
        "!holds NUL, which PostgreSQL cannot store");
  CHECK(field(ColumnKind::other, Kind::string, R"("\u0000")", "\0"sv) == "!holds NUL, which PostgreSQL cannot store");
}
