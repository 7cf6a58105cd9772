// Rows become records.
#pragma once
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "record/record.hpp"
#include "row_settings.hpp"

namespace weir::csv_tail {

/// Writes rows as records: a cell that is a number stays the number with its digits, an empty one is null, any other a
/// string.
class RowWriter {
 public:
  RowWriter() = default;
  /// `columns` are all different; `settings` must outlive this. Throws std::runtime_error when two fields would have
  /// the same name, or the first is `@ctl`: its records would read as control lines.
  RowWriter(const RowSettings& settings, std::span<const std::string> columns);

  bool empty() const { return keys_.empty(); }

  /// Appends one line, or rejects the row: a wrong number of cells, or bytes that are not UTF-8.
  Verdict write(const csv::Row& row, std::string& out) const;

 private:
  void append_by_rules(bool text, std::string_view cell, std::string& out) const;
  void append_rest(const csv::Row& row, std::string& out) const;

  const RowSettings* settings_ = nullptr;
  std::vector<std::string> keys_;  ///< `{"a":`, `,"b":` …
  std::vector<bool> text_;         ///< the columns that stay text
  bool plain_ = true;              ///< no column needs a rule
};

}  // namespace weir::csv_tail
