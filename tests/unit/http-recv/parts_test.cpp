// What http-recv is made of: paths, bodies, answers, what comes again.
#include "answer.hpp"
#include "catch.hpp"
#include "requests/body_reader.hpp"
#include "requests/mailbox.hpp"
#include "requests/path_pattern.hpp"
#include "requests/repeats.hpp"
#include "saved_state.hpp"

using namespace weir;
using namespace weir::http_recv;
using namespace weir::requests;

namespace {

using Texts = std::vector<std::string_view>;

/// The pieces of a body as `NUMBER json` or `NUMBER! problem`.
std::vector<std::string> pieces(std::string_view body, Format format) {
  BodyReader reader;
  if (!reader.read(body, format, {}, Time())) return {"refused: " + reader.reason()};
  std::vector<std::string> texts;
  for (const Piece& piece : reader.pieces())
    texts.push_back(std::to_string(piece.number) +
                    (piece.problem.empty() ? " " + std::string(piece.json) : "! " + std::string(piece.problem)));
  return texts;
}

using Pieces = std::vector<std::string>;

}  // namespace

TEST_CASE("a path gives the values of its fields") {
  const PathPattern path("/v1/{plant}/readings/{sensor}");
  CHECK(path.names() == std::vector<std::string>{"plant", "sensor"});
  CHECK(path.match("/v1/P 1/readings/s2").value() == Texts{"P 1", "s2"});
  CHECK(path.match("/v1/p/readings/s/").value() == Texts{"p", "s"});
  for (const char* other : {"/", "/v1/p/readings", "/v1/p/other/s", "/v1/p/readings/s/x", "/v1//readings/s"})
    CHECK_FALSE(path.match(other));
  CHECK(PathPattern("/").match("/").value().empty());
  CHECK_FALSE(PathPattern("/").match("/a"));
  CHECK_THROWS_WITH(PathPattern("v1"), contains_text("--path 'v1': a path begins with a slash"));
  for (const char* wrong : {"/{a}{b}", "/a?b", "/{a{b}}"}) CHECK_THROWS_AS(PathPattern(wrong), std::invalid_argument);
  CHECK_THROWS_WITH(PathPattern("/a{b}"), contains_text("a whole segment"));
}

TEST_CASE("the content type, the path or the first byte tell the format") {
  CHECK(format_of("application/json", "/", "") == Format::json);
  CHECK(format_of("Application/JSON; charset=utf-8", "/", "") == Format::json);
  CHECK(format_of("application/cloudevents+json", "/", "") == Format::json);
  CHECK(format_of("application/x-ndjson", "/", "") == Format::ndjson);
  CHECK(format_of("application/senml+json", "/", "") == Format::senml);
  CHECK(format_of("text/plain; charset=utf-8", "/api/v2/write", "") == Format::influx);
  CHECK(format_of("application/x-www-form-urlencoded", "/", " {") == Format::json);
  CHECK(format_of("", "/", "[") == Format::json);
  CHECK(format_of("", "/", "a=1") == Format::unknown);
  CHECK(format_of("application/xml", "/", "{") == Format::unknown);
}

TEST_CASE("objects, lines and arrays") {
  CHECK(pieces(R"({"a":1})", Format::json) == Pieces{R"(1 {"a":1})"});
  CHECK(pieces("{\n \"a\": 1\n}", Format::json) == Pieces{"1 {\n \"a\": 1\n}"});
  CHECK(pieces("{\"a\":1}\r\n\n{\"a\":2", Format::json) == Pieces{R"(1 {"a":1})", R"(3 {"a":2)"});
  CHECK(pieces(R"([{"a":[1,{"b":"]"}]} , 2])", Format::json) == Pieces{R"(1 {"a":[1,{"b":"]"}]})", "2 2"});
  CHECK(pieces("[]", Format::json).empty());
  CHECK(pieces("{bad\n{\"a\":1}\n", Format::json) == Pieces{"1 {bad", R"(2 {"a":1})"});
  CHECK(pieces("w s=\"a\nb\" 1\nw v=1 1\nw,t=\"x v=2 2\nw s=\"open 3\nw v=4 4", Format::influx).size() == 5);
  CHECK(pieces("nonsense", Format::ndjson) == Pieces{"1 nonsense"});
  CHECK(pieces(" \n", Format::ndjson) == Pieces{"refused: the body is empty"});
  CHECK(pieces(R"([{"a":1},)", Format::json).front().starts_with("refused: "));
  CHECK(pieces("w v=1 1\n# x\nw v", Format::influx) ==
        Pieces{R"(1 {"timestamp":"1970-01-01T00:00:00.000000001Z","measurement":"w","v":1})",
               "3! there is no field, or one without value"});
}

TEST_CASE("an answer counts, and names what was rejected") {
  Report all;
  all.accept(3);
  CHECK(response_of(all, Sent::records).status == 200);
  CHECK(response_of(all, Sent::records).body == "{\"accepted\":3}\n");
  CHECK(response_of(all, Sent::points).status == 204);
  Report some;
  some.accept();
  some.reject("line", 2, "not \"good\"");
  some.reject("", 0, "x");
  CHECK(response_of(some, Sent::points).status == 400);
  CHECK(
      response_of(some, Sent::records).body ==
      "{\"accepted\":1,\"rejected\":2,\"errors\":[{\"line\":2,\"reason\":\"not \\\"good\\\"\"},{\"reason\":\"x\"}]}\n");
  Report quoting;
  quoting.reject("line", 1, std::string(300'000, 'x'));
  CHECK(response_of(quoting, Sent::records).body.size() < 400);
  Report many;
  for (std::uint64_t i = 0; i < 150; ++i) many.reject("line", i, "bad");
  CHECK(response_of(many, Sent::records).body.ends_with("],\"errors_left_out\":50}\n"));
}

TEST_CASE("the last requests are remembered, the oldest is forgotten") {
  Repeats repeats(2);
  repeats.begin("a", "", 1).accepted = 1;
  repeats.begin("b", "", 2).rejected = 1;
  repeats.begin("c", "digest", 1);
  CHECK(repeats.find("a") == nullptr);
  CHECK(repeats.find("b")->stored() == 1);
  CHECK_FALSE(repeats.find("b")->complete());
  const std::string state = test::saved_state(repeats);
  Repeats restored(2);
  test::load_state(restored, state);
  CHECK(restored.find("b")->rejected == 1);
  restored.begin("d", "", 1);
  CHECK(restored.find("b") == nullptr);
  CHECK(restored.find("c") != nullptr);
}

TEST_CASE("a body has so many records at most") {
  std::string array = "[";
  for (std::uint64_t i = 0; i <= BodyReader::most_records; ++i) array += i == 0 ? "1" : ",1";
  CHECK(pieces(array + "]", Format::json) == Pieces{"refused: there are too many records"});
  CHECK(pieces(array + "]", Format::senml) == Pieces{"refused: there are too many records"});
  std::string lines;
  for (std::uint64_t i = 0; i <= BodyReader::most_records; ++i) lines += "w v=1 1\n";
  CHECK(pieces(lines, Format::ndjson) == Pieces{"refused: there are too many records"});
  CHECK(pieces(lines, Format::influx) == Pieces{"refused: there are too many records"});
}

TEST_CASE("a mailbox that nobody empties refuses, and tells how far a request is") {
  requests::Mailbox<web::Request> mailbox(2000);
  const auto put = [&](std::uint64_t ticket, std::size_t size) {
    web::Request request;
    request.body = std::string(size, 'x');
    return mailbox.put({.ticket = ticket, .request = std::move(request)});
  };
  CHECK(put(1, 5000));  // one may always wait
  CHECK_FALSE(put(2, 10));
  CHECK(mailbox.take()->ticket == 1);
  CHECK(mailbox.withdraw(1) == Stage::taken);
  mailbox.note_stored(1);
  CHECK(mailbox.withdraw(1) == Stage::stored);
  mailbox.note_answered(1);
  CHECK_FALSE(mailbox.withdraw(1));  // its answer is on its way: it must not be called refused
  CHECK(put(3, 10));
  CHECK(mailbox.withdraw(3) == Stage::waiting);
  CHECK_FALSE(mailbox.take());
}
