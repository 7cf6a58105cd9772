// links: stage_http-recv

// Bodies that anybody may send: JSON, lines, SenML, points, compressed streams.
#include <cstdint>
#include <string>

#include "fuzz_choice.hpp"
#include "fuzz_expect.hpp"
#include "gzip/inflate.hpp"
#include "record/foreign_json.hpp"
#include "record/parser.hpp"
#include "requests/body_reader.hpp"
#include "requests/path_pattern.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace weir;
  using namespace weir::requests;
  const auto [choice, body] = FuzzChoice(data, size);
  static BodyReader reader;
  static RecordParser parser{FieldSet(), Checking::every_token};
  const Format format = static_cast<Format>(1 + choice % 4);
  influx::Precision precision{std::nullopt};
  if (choice / 4 % 7 < 6) precision.unit = static_cast<EpochUnit>(choice / 4 % 7);
  if (reader.read(body, format, precision, Time())) {
    for (const Piece& piece : reader.pieces()) {
      expect(piece.number > 0);
      // What is made of SenML and points here is valid JSON on one line, but for a value that is NaN.
      const bool made = format == Format::senml || format == Format::influx;
      if (!made || !piece.problem.empty()) continue;
      std::string line;
      append_without_nan(line, piece.json);
      expect(line == piece.json || format == Format::senml);
      expect(parser.parse_copy(line, 1) != nullptr);
    }
  } else {
    expect(!reader.reason().empty());
  }
  for (const auto raw : {gzip::RawDeflate::refused, gzip::RawDeflate::taken}) {
    std::string out;
    if (gzip::inflate(body, 1 << 20, out, raw) == gzip::Inflated::whole) expect(out.size() <= 1 << 20);
  }
  format_of(body.substr(0, 40), body, body);
  static const PathPattern path("/v1/{a}/b/{c}");
  if (const auto values = path.match(body)) expect(values->size() == 2 && !(*values)[0].empty());
  return 0;
}
