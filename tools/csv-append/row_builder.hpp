// Records become CSV rows.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "record/record.hpp"

namespace weir::csv_append {

/// What becomes of a field that is not a column.
enum class ExtraFields : std::uint8_t {
  rejected,  ///< with its record
  ignored    ///< it is left out
};

/// Writes records as rows with fixed columns: strings unescaped, numbers digit for digit, nested objects and arrays as
/// their JSON text, null and missing as empty cells.
class RowBuilder {
 public:
  /// `columns` has at least one name, and none twice.
  RowBuilder(std::vector<std::string> columns, char delimiter, ExtraFields extra = ExtraFields::rejected);

  const std::vector<std::string>& columns() const { return columns_; }

  /// Appends the header row with its line end.
  void append_header(std::string& out) const;

  /// Appends one row with its line end, or rejects a record with a field that is not a column, or where these are
  /// ignored, without any that is. The record must hold its members.
  Verdict append(const Record& record, std::string& out);

  /// The names of a record's fields, each once, in order.
  static std::vector<std::string> names_of(const Record& record);

 private:
  void append_value(const Value& value, std::string& out) const;
  void end_row(std::size_t begin, std::string& out) const;

  std::vector<std::string> columns_;
  std::unordered_map<std::string_view, std::size_t> index_;
  std::vector<const Value*> values_;
  char delimiter_;
  ExtraFields extra_;
};

}  // namespace weir::csv_append
