// links: stage_coap-recv

// Payloads that any device may send: JSON, SenML in JSON and CBOR, numbers; and bodies in blocks.
#include <cstdint>
#include <string>

#include "fuzz_choice.hpp"
#include "fuzz_expect.hpp"
#include "net/coap/blocks.hpp"
#include "payload.hpp"
#include "record/parser.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace weir;
  using namespace weir::coap_recv;
  const auto [choice, body] = FuzzChoice(data, size);
  static RecordParser parser{FieldSet(), Checking::every_token};
  const auto payload = static_cast<Payload>(choice % 6);
  static PayloadPieces forms[] = {PayloadPieces(Payload::automatic),  PayloadPieces(Payload::json),
                                  PayloadPieces(Payload::ndjson),     PayloadPieces(Payload::senml),
                                  PayloadPieces(Payload::senml_cbor), PayloadPieces(Payload::number)};
  PayloadPieces& pieces = forms[choice % 6];
  if (pieces.read(body, std::nullopt, Time())) {
    const bool made = payload == Payload::senml || payload == Payload::senml_cbor || payload == Payload::number;
    for (const requests::Piece& piece : pieces.pieces())
      if (made && piece.problem.empty()) expect(parser.parse_copy(piece.json, 1) != nullptr);
  } else {
    expect(!pieces.reason().empty());
  }
  static cbor::SenmlJson cbor;
  std::string json;
  if (cbor.write(body, json)) expect(json.starts_with('[') && json.size() <= 64 + 40 * body.size());
  // Blocks of 16 bytes of one sender: the body never grows beyond its limit.
  coap::BlockTransfers transfers({.body = 256, .bodies = 512, .transfers = 4});
  std::string whole;
  for (std::size_t at = 0; at + 2 < body.size(); at += 18) {
    const unsigned first = static_cast<std::uint8_t>(body[at]);
    const coap::Block block{.number = first >> 4U, .more = (first & 8U) != 0, .exponent = first & 1U};
    const auto step = transfers.take(std::string(1, static_cast<char>('a' + (first & 3))), body.substr(at + 1, 1),
                                     block, std::nullopt, std::string_view(body).substr(at + 2, 16), {}, whole);
    if (step == coap::BlockTransfers::Step::complete) expect(whole.size() <= 256);
  }
  return 0;
}
