// Rows become records.
#pragma once
#include <array>
#include <cstdint>
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
  /// could write as control lines, or a column of the time, the key or `only` is not there.
  RowWriter(const RowSettings& settings, std::span<const std::string> columns, SourceTime* time,
            KeyTable<RowOrder>& orders);

  /// Whether the cells of this column become a field.
  bool keeps(std::size_t column) const;

  /// Adds one line, or rejects the row: a wrong number of cells, bytes that are not UTF-8, or no usable time.
  Verdict write(const csv::Row& row, LineBuffer& line);

 private:
  /// What becomes of a field's cells.
  enum class Cells : std::uint8_t { plain, by_rules, text, time };
  /// A column whose cells become a field.
  struct Field {
    std::string key;  ///< `{"a":`, `,"b":` …
    std::size_t column;
    Cells cells;
  };

  /// A field with a key of few bytes, whose cells need no rules.
  struct ShortField {
    static constexpr std::size_t most = 32;
    std::array<char, most> key;
    std::uint32_t key_size;
    std::uint32_t column;
  };

  void add_field(const std::string& name, std::size_t column, bool text);
  void find_short_fields();
  void find_time_columns(std::span<const std::string> columns);
  Verdict read_time(const csv::Row& row);
  Verdict find_order(const csv::Row& row, RowOrder*& order);
  std::string join_time(const csv::Row& row);
  void write_short(const csv::Row& row, LineBuffer& line) const;
  void add_cells(const Field& field, const csv::Row& row, LineBuffer& line) const;
  void add_by_rules(bool text, std::string_view cell, LineBuffer& line) const;
  void add_too_many(const csv::Row& row, LineBuffer& line) const;

  const RowSettings* settings_ = nullptr;
  std::vector<Field> fields_;             ///< in the file's order
  std::vector<ShortField> short_fields_;  ///< the same, where all are short
  std::size_t short_room_ = 0;            ///< bytes of a line of short fields and short cells
  std::size_t columns_ = 0;               ///< of the header
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
