// What coap-recv is made of: payloads, what is refused, what is answered.
#include "catch.hpp"
#include "door.hpp"
#include "payload.hpp"

using namespace weir;
using namespace weir::coap_recv;
using coap::Code;

namespace {

coap::Request request(std::string path, std::string body = "{}", std::optional<unsigned> format = std::nullopt) {
  coap::Request made;
  made.path = std::move(path);
  made.format = format;
  made.body = std::move(body);
  return made;
}

std::string first(std::string_view body, std::optional<unsigned> format, Payload payload = Payload::automatic) {
  PayloadPieces pieces(payload);
  if (!pieces.read(body, format, Time())) return "refused: " + pieces.reason();
  return pieces.pieces().empty() ? "" : std::string(pieces.pieces().front().json);
}

}  // namespace

TEST_CASE("the Content-Format or the first byte tell the form") {
  CHECK(payload_of("{", std::nullopt) == Payload::json);
  CHECK(payload_of(" [", 0) == Payload::json);
  CHECK(payload_of("22.5", 42) == Payload::number);
  CHECK(payload_of("x", 50) == Payload::json);
  CHECK(payload_of("[", 110) == Payload::senml);
  CHECK(payload_of("{", 112) == Payload::senml_cbor);
}

TEST_CASE("payloads of each form") {
  CHECK(first("{\"a\":1}", 50) == "{\"a\":1}");
  CHECK(first("[{\"a\":1},{}]", 50) == "{\"a\":1}");
  CHECK(first("{\"a\":1}\n{\"a\":2}", std::nullopt, Payload::ndjson) == "{\"a\":1}");
  CHECK(first(" 22.50\n", 0) == "{\"value\":22.50}");
  CHECK(first("22,5", 0) == "refused: the body is not a number");
  CHECK(first("NaN", 0) == "refused: the body is not a number");
  CHECK(first("[{\"n\":\"a\",\"v\":1,\"t\":1e9}]", 110).ends_with("\"name\":\"a\",\"value\":1}"));
  CHECK(first("\x81\xa3\x00\x61\x61\x02\x01\x06\x1a\x3b\x9a\xca\x00" + std::string(), 112) != "");
  CHECK(first("\xff", 112) == "refused: the pack is not an array");
  CHECK(first("", 50) == "refused: the body is empty");
}

TEST_CASE("what is refused before its body is whole") {
  const Door any(DoorSettings{});
  CHECK_FALSE(any.refuse(request("/x")));
  CHECK_FALSE(any.refuse(request("/x", "", 112)));
  CHECK(any.refuse(request("/x", "", 41))->code == Code::unsupported_format);
  CHECK_FALSE(Door(DoorSettings{.payload = Payload::json}).refuse(request("/x", "", 41)));
  const Door one(DoorSettings{.path = "/v1/{plant}/ph"});
  CHECK(one.refuse(request("/x"))->code == Code::not_found);
  CHECK_FALSE(one.refuse(request("/v1/a/ph")));
  CHECK(one.links().starts_with("</v1/>;rt=\"weir.records\""));
  CHECK_THROWS_AS(Door(DoorSettings{.path = "v1"}), std::invalid_argument);
}

TEST_CASE("fields come from the path and the identity") {
  const Door door(DoorSettings{.path = "/v1/{plant}/ph", .identity_field = "device"});
  CHECK(door.names() == std::vector<std::string>{"plant", "device"});
  std::vector<std::optional<std::string_view>> texts;
  coap::Request from = request("/v1/north/ph");
  door.read_texts(from, texts);
  CHECK(texts == std::vector<std::optional<std::string_view>>{"north", std::nullopt});
  from.identity = "dev1";
  door.read_texts(from, texts);
  CHECK(texts.back() == "dev1");
}

TEST_CASE("a queue that is full, and answers that take too long") {
  Door door(DoorSettings{.max_queue = 1 << 16});
  coap::Request first = request("/", std::string(70'000, ' '));
  coap::Request second = request("/", std::string(70'000, ' '));
  const coap::Answer taken = door.handle(first);
  CHECK(taken.later);
  const coap::Answer refused = door.handle(second);
  CHECK_FALSE(refused.later);
  CHECK(refused.response.code == Code::unavailable);
  CHECK(refused.response.max_age == 2U);
  CHECK(door.mailbox().take());
  CHECK(door.give_up(taken.ticket)->code == Code::timeout);
  door.mailbox().note_answered(taken.ticket);
  CHECK_FALSE(door.give_up(taken.ticket));
}
