#include <string>

#include "catch.hpp"
#include "influx/answer.hpp"
#include "influx/line_writer.hpp"
#include "record/json_text.hpp"

using namespace weir::influx;

TEST_CASE("names and text get their escapes") {
  std::string out;
  append_measurement(out, "a b,c=d");
  CHECK(out == "a\\ b\\,c=d");
  out.clear();
  append_key(out, "a b,c=d\\e");
  CHECK(out == "a\\ b\\,c\\=d\\e");
  out.clear();
  append_text(out, "say \"hi\" \\ , =\n");
  CHECK(out == "\"say \\\"hi\\\" \\\\ , =\n\"");
}

TEST_CASE("what cannot be a name is known") {
  CHECK(is_name("a b"));
  CHECK(is_name("\xc2\xb0"));
  for (const char* bad : {"", "a\n", "a\\", "\x7f", "a\tb"}) CHECK_FALSE(is_name(bad));
  CHECK(is_name("#a"));
  CHECK_FALSE(is_measurement("#a"));
  CHECK(is_measurement("a\\b"));
  for (const char* bad : {"a\\=b", "\\ a", "\\\\a", "\\\"", "a\\,b"}) CHECK_FALSE(is_measurement(bad));
}

TEST_CASE("each answer has its outcome") {
  CHECK(outcome_of(204, "") == Outcome::written);
  CHECK(outcome_of(200, "") == Outcome::written);
  CHECK(outcome_of(200, " \n") == Outcome::written);
  CHECK(outcome_of(200, "<html>Log in") == Outcome::end);
  CHECK(outcome_of(400, "\n<!DOCTYPE html>") == Outcome::end);
  CHECK(outcome_of(413, "<html>") == Outcome::too_large);
  CHECK(outcome_of(502, "<html>") == Outcome::retry);
  CHECK(outcome_of(400, R"({"error":"partial write of line protocol occurred","data":[]})") == Outcome::refused);
  CHECK(outcome_of(400, "") == Outcome::refused);
  CHECK(outcome_of(422, "") == Outcome::refused);
  CHECK(outcome_of(413, "") == Outcome::too_large);
  for (const int status : {408, 429, 500, 502, 503, 504}) CHECK(outcome_of(status, "busy") == Outcome::retry);
  for (const int status : {301, 401, 403, 404, 405}) CHECK(outcome_of(status, "") == Outcome::end);
  CHECK(outcome_of(500, R"({"message":"partial write: field type conflict"})") == Outcome::refused);
}

TEST_CASE("the server's own text is found") {
  CHECK(text_of("{\"error\":\"partial write: x dropped=1\"}\n") == "partial write: x dropped=1");
  CHECK(text_of(R"({"code":"invalid","message":"no such field"})") == "no such field");
  CHECK(text_of(R"({"error":"parsing failed","data":[{"error_message":"bad\nline","line_number":2}]})") ==
        "parsing failed: bad line");
  CHECK(text_of("<html>\r\nmore") == "<html>");
  CHECK(text_of("").empty());
  CHECK(text_of("\xff") == "a text that is not UTF-8");
  std::string long_one = "{\"error\":\"";
  for (int i = 0; i < 400; ++i) long_one += "\xc2\xb0";
  const std::string text = text_of(long_one + "\"}");
  CHECK(text.size() <= 303);
  CHECK(weir::is_utf8(text));
}
