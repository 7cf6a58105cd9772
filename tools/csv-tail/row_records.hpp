// The pure stage of csv-tail: CSV bytes become records.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "csv/decoded_reader.hpp"
#include "pipeline/output.hpp"
#include "pipeline/source.hpp"
#include "row_mark.hpp"
#include "row_settings.hpp"
#include "row_writer.hpp"
#include "state/archive.hpp"

namespace weir::csv_tail {

/// The bytes of one file, as they come, to records.
class RowRecords {
 public:
  /// `name` is the file's for messages; the others must outlive this. A header in `memory` is that of this table's
  /// earlier files.
  RowRecords(const RowSettings& settings, std::string name, SourceHost& host, TableMemory& memory);

  /// Skips the rows that end at or before this offset.
  void skip_to(std::uint64_t offset) { skip_to_ = offset; }

  /// Counts the rows in a mark from here on; `mark` has those before.
  void begin_mark(const RowMark& mark) { mark_ = mark; }
  /// The rows up to the position.
  const std::optional<RowMark>& mark() const { return mark_; }

  /// Where the next bytes can be put; added() then tells how many there are.
  char* room(std::size_t size) { return reader_.room(size); }
  void added(std::size_t size) { reader_.added(size); }

  /// Appends the records of the rows that are whole, `out.wanted` at most. Throws std::runtime_error when the header
  /// row cannot be used.
  void take(Output& out);
  /// take() has stopped at `out.wanted`, and there may be more rows.
  bool more() const { return more_; }

  /// No more bytes come: a last row without a line end counts.
  void finish(Output& out);

  /// The quote that is open will not be closed: its line is a reject, and reading starts again after it.
  void give_up_quote() { reader_.give_up_quote(); }

  /// The next byte is the first of an input with a header of its own.
  void restart();

  /// The position, and the header that holds there.
  void state(StateArchive& archive);

  const csv::DecodedReader& reader() const { return reader_; }
  void drop_pending() { reader_.drop_pending(); }

 private:
  /// What the next row may be.
  enum class Next : std::uint8_t { line_to_skip, first_row, row };

  void take(std::string& lines, std::uint64_t wanted);
  const csv::Row* next_row();
  bool begins_data(const csv::Row& row);
  bool continues(const csv::Row& row);
  void take_header(const csv::Row& row);
  void set_header(std::vector<std::string> cells);
  bool is_header(const csv::Row& row) const;
  void look_at(const csv::Row& row);
  void report_fold(const csv::Row& row);
  std::string at_line(std::uint64_t line) const;
  void warn(std::uint64_t line, const std::string& message);

  const RowSettings& settings_;
  std::string name_;
  SourceHost& host_;
  TableMemory& memory_;
  csv::DecodedReader reader_;
  Next next_ = Next::line_to_skip;
  std::vector<std::string> header_;  ///< the cells of the header row
  std::optional<SourceTime> time_;
  RowWriter writer_;
  std::uint64_t skip_to_ = 0;
  std::optional<RowMark> mark_;  ///< where rows are counted
  std::uint64_t looks_ = 0;      ///< rows that are still looked at for text that an option would read
  bool more_ = false;
};

}  // namespace weir::csv_tail
