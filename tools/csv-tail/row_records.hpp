// The pure stage of csv-tail: CSV bytes become records.
#pragma once
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "csv/row_reader.hpp"
#include "pipeline/output.hpp"
#include "pipeline/reject_log.hpp"
#include "record/record.hpp"
#include "state/archive.hpp"

namespace weir::csv_tail {

/// Writes rows as records: a cell that is a number by JSON's grammar stays the number with its digits, an empty one is
/// null, any other a string.
class RowWriter {
 public:
  RowWriter() = default;
  /// `columns` are all different. Throws std::runtime_error when the first is `@ctl`: its records would read as control
  /// lines.
  explicit RowWriter(std::span<const std::string> columns);

  bool empty() const { return keys_.empty(); }

  /// Appends one line, or rejects the row: a wrong number of cells, or bytes that are not UTF-8.
  Verdict write(const csv::Row& row, std::string& out) const;

 private:
  std::vector<std::string> keys_;  ///< `{"a":`, `,"b":` …
};

/// What rows are read as.
struct RowSettings {
  csv::Format format;
  std::vector<std::string> columns;  ///< names for files without a header row; empty: the first row has them
};

/// The bytes of one file, as they come, to records.
class RowRecords {
 public:
  /// `name` is the file's for messages; `rejects` must outlive this.
  RowRecords(const RowSettings& settings, std::string name, RejectLog& rejects);

  /// Skips the rows that end at or before this offset.
  void skip_to(std::uint64_t offset) { skip_to_ = offset; }

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

  /// The next byte is the first of an input with a header of its own.
  void restart();

  /// The position, and the header that holds there.
  void state(StateArchive& archive);

  const csv::RowReader& reader() const { return reader_; }
  void drop_pending() { reader_.drop_pending(); }

 private:
  void take(std::string& lines, std::uint64_t wanted);
  void take_header(const csv::Row& row);

  const RowSettings& settings_;
  std::string name_;
  RejectLog& rejects_;
  csv::RowReader reader_;
  std::vector<std::string> columns_;  ///< as the header row had them
  RowWriter writer_;
  std::uint64_t skip_to_ = 0;
  bool more_ = false;
};

}  // namespace weir::csv_tail
