// links: stage_http-recv

// Bodies that anybody may send: JSON, lines, SenML, points, compressed streams.
#include <cstdint>
#include <cstdlib>
#include <string>

#include "gzip/inflate.hpp"
#include "record/foreign_json.hpp"
#include "record/parser.hpp"
#include "requests/body_reader.hpp"
#include "requests/path_pattern.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace weir;
  using namespace weir::requests;
  if (size == 0) return 0;
  const auto must = [](bool holds) {
    if (!holds) std::abort();
  };
  // In memory of its own, so that a read beyond the end is found.
  const std::string body(reinterpret_cast<const char*>(data) + 1, size - 1);
  static BodyReader reader;
  static RecordParser parser{FieldSet(), Checking::every_token};
  const Format format = static_cast<Format>(1 + data[0] % 4);
  influx::Precision precision{std::nullopt};
  if (data[0] / 4 % 7 < 6) precision.unit = static_cast<EpochUnit>(data[0] / 4 % 7);
  if (reader.read(body, format, precision, Time())) {
    for (const Piece& piece : reader.pieces()) {
      must(piece.number > 0);
      // What is made of SenML and points here is valid JSON on one line, but for a value that is NaN.
      const bool made = format == Format::senml || format == Format::influx;
      if (!made || !piece.problem.empty()) continue;
      std::string line;
      append_without_nan(line, piece.json);
      must(line == piece.json || format == Format::senml);
      must(parser.parse_copy(line, 1) != nullptr);
    }
  } else {
    must(!reader.reason().empty());
  }
  for (const auto raw : {gzip::RawDeflate::refused, gzip::RawDeflate::taken}) {
    std::string out;
    if (gzip::inflate(body, 1 << 20, out, raw) == gzip::Inflated::whole) must(out.size() <= 1 << 20);
  }
  format_of(body.substr(0, 40), body, body);
  static const PathPattern path("/v1/{a}/b/{c}");
  if (const auto values = path.match(body)) must(values->size() == 2 && !(*values)[0].empty());
  return 0;
}
