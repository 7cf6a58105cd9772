// The answers of Flux: annotated CSV.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "csv/row_reader.hpp"
#include "row_writer.hpp"
#include "time/timestamp.hpp"

namespace weir::influx_query {

/// Reads tables with the annotations datatype and default. `_time` is a row's time and `_measurement` its measurement;
/// `_value` becomes a member of the name that stands in `_field`. `result`, `table`, and beside `_time` also `_start`
/// and
/// `_stop`, are left out.
class FluxReader : public AnswerReader {
 public:
  using AnswerReader::AnswerReader;
  void feed(std::string_view bytes) override;
  void finish() override;
  std::uint64_t not_finite() const override { return not_finite_; }

 private:
  enum class Use : std::uint8_t { left_out, time, measurement, field, value, member };
  enum class Type : std::uint8_t { text, number, whole, boolean, time };
  struct Column {
    Use use = Use::member;
    Type type = Type::text;
    std::string key;
    std::string otherwise;  ///< for an empty cell
  };
  using Cells = std::span<const std::string_view>;
  void read_rows();
  void read_row(const csv::Row& row);
  void read_header(Cells cells);
  void read_error(Cells cells);
  void read_values(Cells cells);
  void append_token(const Column& column, std::string_view cell);
  [[noreturn]] void fail(std::string_view what) const;

  csv::RowReader csv_{{.max_row = longest_piece}};
  TimeParser times_;
  std::vector<std::string> types_, defaults_;  ///< of the table to come
  bool header_is_next_ = true;
  bool is_error_ = false;  ///< the table reports an error
  std::vector<Column> columns_;
  ColumnNames names_;                   ///< of the table
  std::string last_field_, field_key_;  ///< the last name of a field, and the key of its value
  std::uint64_t line_ = 0;
  std::uint64_t not_finite_ = 0;
  std::string token_, value_, field_;
};

}  // namespace weir::influx_query
