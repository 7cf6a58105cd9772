// links: stage_csv-tail stage_csv-append weir_csv weir_record
// The CSV reader on any bytes: what comes out does not depend on how they were cut into pieces; every byte that is no
// line end, blank line or byte order mark is in a row or in a reject; a cell that is written is read back; a record
// that is written as a row and read again has the same cells.
#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "../support/source_host.hpp"
#include "csv/cell.hpp"
#include "csv/row_reader.hpp"
#include "record/json_text.hpp"
#include "record/number.hpp"
#include "record/parser.hpp"
#include "row_builder.hpp"
#include "row_records.hpp"

namespace {

using namespace weir;
using namespace weir::csv_tail;
using namespace weir::csv_append;

void require(bool holds, const char* what) {
  if (holds) return;
  std::fprintf(stderr, "csv_fuzz: %s\n", what);
  std::abort();
}

struct Seen {
  std::string text;       ///< everything that came out, with its lines
  std::uint64_t raw = 0;  ///< bytes in rows and problems
  std::uint64_t consumed = 0;
  std::string left;
};

Seen read(std::string_view bytes, csv::Format format, std::size_t piece) {
  csv::RowReader reader(format);
  Seen seen;
  const auto take = [&] {
    while (const csv::Row* row = reader.next()) {
      seen.raw += row->raw.size();
      seen.text += std::to_string(row->line) + (row->problem == nullptr ? "+" : row->problem);
      seen.text.append("<").append(row->raw).append(">");
      for (const std::string_view cell : row->cells) seen.text.append("[").append(cell).append("]");
      require(row->raw.size() <= format.max_row, "a row is longer than allowed");
      require((row->problem != nullptr) == row->cells.empty(), "a row has cells or a problem");
      require(reader.history().size() == std::min<std::uint64_t>(256, reader.consumed()), "the history has its length");
      require(reader.history() == bytes.substr(reader.consumed() - reader.history().size(), reader.history().size()),
              "the history is what was consumed last");
    }
  };
  for (std::size_t at = 0; at < bytes.size(); at += piece) {
    reader.append(bytes.substr(at, piece));
    take();
    require(reader.consumed() <= std::min(at + piece, bytes.size()), "no more is consumed than came");
  }
  reader.finish();
  take();
  seen.consumed = reader.consumed();
  seen.left = reader.pending();
  return seen;
}

struct CountedRejects : test::KeptHost {
  void reject(std::uint64_t, std::string_view, std::string_view reason) override {
    require(!reason.empty(), "a reject has a reason");
    ++count;
  }
  std::uint64_t count = 0;
};

/// Rows in = records out + rejects, and every record is one.
void rows_are_records(std::string_view bytes, csv::Format format) {
  std::uint64_t rows = 0;
  csv::RowReader reader(format);
  reader.append(bytes);
  reader.finish();
  while (reader.next() != nullptr) ++rows;

  CountedRejects rejects;
  const RowSettings settings{.format = format, .columns = {"a", "b"}};
  TableMemory memory;
  RowRecords records(settings, "", rejects, memory);
  std::copy(bytes.begin(), bytes.end(), records.room(bytes.size() + 1));
  records.added(bytes.size());
  Output out;
  records.take(out);
  records.finish(out);
  const auto lines = static_cast<std::uint64_t>(std::count(out.lines.begin(), out.lines.end(), '\n'));
  require(rows <= lines + rejects.count + memory.repeated_headers + 1, "a row is a record, a reject or a header");
  require(rows >= lines + rejects.count + memory.repeated_headers, "no row is two");

  FieldSet fields;
  fields.read_members();
  RecordParser parser(fields, Checking::every_token);
  RowBuilder builder({"a", "b"}, format.delimiter);
  std::string csv_text;
  for (std::size_t at = 0; at < out.lines.size();) {
    const std::size_t end = out.lines.find('\n', at);
    const Record* record = parser.parse_copy(std::string_view(out.lines).substr(at, end - at), 1);
    require(record != nullptr, "what comes out is a record");
    require(!builder.append(*record, csv_text).rejected(), "a record fits the columns it came from");
    at = end + 1;
  }
  // Written as rows and read again, the records are the same.
  const RowSettings written{.format = {.delimiter = format.delimiter, .max_row = 1 << 20}, .columns = {"a", "b"}};
  RowRecords again(written, "", rejects, memory);
  std::copy(csv_text.begin(), csv_text.end(), again.room(csv_text.size() + 1));
  again.added(csv_text.size());
  Output second;
  again.take(second);
  again.finish(second);
  require(second.lines == out.lines, "records survive a way through CSV");
}

/// Cells of any bytes, written as a row and read back.
void cells_come_back(std::string_view bytes, char delimiter) {
  std::vector<std::string_view> cells;
  for (std::size_t at = 0; at <= bytes.size();) {
    const std::size_t end = std::min(bytes.find('\x01', at), bytes.size());
    cells.push_back(bytes.substr(at, end - at));
    at = end + 1;
  }
  std::string row("x");  // so that no byte order mark can come first
  for (const std::string_view cell : cells) {
    row += delimiter;
    csv::append_cell(row, cell, delimiter);
  }
  row += '\n';
  csv::RowReader reader({.delimiter = delimiter, .max_row = 1 << 20});
  reader.append(row);
  const csv::Row* back = reader.next();
  require(back != nullptr && back->problem == nullptr, "a written row is a row");
  require(back->cells.size() == cells.size() + 1, "a written row has its cells");
  require(std::equal(cells.begin(), cells.end(), back->cells.begin() + 1), "a written cell is read back");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2 || size > 4096) return 0;
  const csv::Format format{.delimiter = (data[0] & 1) != 0 ? ',' : ';',
                           .max_row = std::size_t{2} + data[0] / 2U,
                           .quotes = (data[1] & 64) != 0 ? csv::Quotes::lazy : csv::Quotes::strict,
                           .blanks = (data[1] & 128) != 0 ? csv::Blanks::trimmed : csv::Blanks::kept};
  const std::size_t piece = std::size_t{1} + data[1] % 64U;
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 2, size - 2);

  const Seen whole = read(bytes, format, bytes.size() + 1);
  const Seen pieces = read(bytes, format, piece);
  require(whole.text == pieces.text, "the pieces make no difference");
  require(whole.consumed == bytes.size() && whole.left.empty(), "all is consumed");
  require(whole.raw <= bytes.size(), "no byte is in two rows");
  const bool skipped =
      whole.text.find("longer") != std::string::npos;  // the rest of a line that is too long is passed over
  const auto text_bytes = static_cast<std::uint64_t>(
      std::count_if(bytes.begin(), bytes.end(), [](char c) { return c != '\n' && c != '\r'; }));
  require(skipped || whole.raw + 3 >= text_bytes, "every byte is in a row or a reject");
  rows_are_records(bytes, format);
  cells_come_back(bytes, format.delimiter);
  return 0;
}
