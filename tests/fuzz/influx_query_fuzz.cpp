// links: stage_influx-query

// Answers of a server to a query: any bytes, in any pieces, give valid records or an error.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>

#include "flux_reader.hpp"
#include "fuzz_choice.hpp"
#include "influxql_reader.hpp"
#include "json_lines_reader.hpp"
#include "record/parser.hpp"

namespace {

using namespace weir;
using namespace weir::influx_query;

std::unique_ptr<AnswerReader> reader_of(unsigned kind, const OnRow& on_row) {
  if (kind == 0) return std::make_unique<InfluxqlReader>(on_row);
  if (kind == 1) return std::make_unique<FluxReader>(on_row);
  return std::make_unique<JsonLinesReader>(on_row);
}

/// All rows, and the error after them.
std::string read(unsigned kind, std::string_view answer, std::size_t piece) {
  static RecordParser parser{FieldSet(), Checking::every_token};
  std::string rows;
  const auto reader = reader_of(kind, [&](const Row& row) {
    const bool good = parser.parse_copy(row.line, 1) != nullptr && row.line.find('\n') == std::string_view::npos &&
                      !row.line.starts_with(R"({"@ctl":)");
    if (!good) std::abort();
    rows.append(row.line) += '\n';
  });
  try {
    for (std::size_t at = 0; at < answer.size(); at += piece) reader->feed(answer.substr(at, piece));
    reader->finish();
  } catch (const AnswerError& error) {
    rows += error.what();
  }
  return rows;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto [choice, answer] = FuzzChoice(data, size);
  const unsigned kind = choice % 3;
  // How the bytes come must not matter.
  if (read(kind, answer, answer.size() + 1) != read(kind, answer, 1 + choice / 3 % 7)) std::abort();
  return 0;
}
