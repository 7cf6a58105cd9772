// Rows become records.
#pragma once
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "record/key_table.hpp"
#include "record/line_buffer.hpp"
#include "record/record.hpp"
#include "row_settings.hpp"
#include "time/source_time.hpp"

namespace weir::csv_tail {

/// Writes rows as records: a cell that is a number stays the number with its digits, an empty one is null, any other a
/// string.
class RowWriter {
 public:
  RowWriter() = default;
  /// `columns` are all different; `settings`, `time` and the `orders` of keys must outlive this. `time` may be null
  /// without time columns and a limit of the future.
  /// Without time columns the first usual one is compared with the clock.
  /// Throws std::runtime_error when two fields would have the same name, one is `@ctl`, whose records a program
  /// could write as control lines, or a column of the time or the key is not there.
  RowWriter(const RowSettings& settings, std::span<const std::string> columns, SourceTime* time,
            KeyTable<RowOrder>& orders);

  bool empty() const { return keys_.empty(); }

  /// Appends one line, or rejects the row: a wrong number of cells, bytes that are not UTF-8, or no usable time.
  Verdict write(const csv::Row& row, std::string& out);

 private:
  void find_time_columns(std::span<const std::string> columns);
  Verdict read_time(const csv::Row& row);
  Verdict find_order(const csv::Row& row, RowOrder*& order);
  std::string join_time(const csv::Row& row);
  void add_by_rules(bool text, std::string_view cell, LineBuffer& line) const;
  void add_rest(const csv::Row& row, LineBuffer& line) const;

  const RowSettings* settings_ = nullptr;
  std::vector<std::string> keys_;  ///< `{"a":`, `,"b":` …
  std::vector<bool> text_;         ///< the columns that stay text
  bool plain_ = true;              ///< no column needs a rule
  SourceTime* time_ = nullptr;
  KeyTable<RowOrder>* orders_ = nullptr;
  std::vector<std::size_t> key_columns_;
  std::string key_;
  bool makes_time_ = false;                ///< the record gets the time in UTC
  std::vector<std::string> time_names_;    ///< the columns of the time
  std::vector<std::size_t> time_columns_;  ///< the first becomes the time
  std::string written_;                    ///< the time as the row has it
  std::string number_;
  std::string timestamp_;  ///< the time as the record has it
};

}  // namespace weir::csv_tail
