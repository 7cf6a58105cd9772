// The types of a table's columns, and JSON values in them.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>

#include "avro/exact_number.hpp"
#include "parquet/parquet_file.hpp"
#include "record/value.hpp"
#include "time/timestamp.hpp"

namespace weir::lake_load {

/// The type of a column.
struct ColumnType {
  enum class Kind : std::uint8_t { boolean, bigint, real, text, json, time, date, decimal };
  Kind kind = Kind::text;
  std::uint8_t precision = 0;  ///< of a decimal
  std::uint8_t scale = 0;      ///< of a decimal

  /// Reads `bigint`, `decimal(12,2)` …. Throws std::invalid_argument with the types that there are.
  static ColumnType parse(std::string_view text);
  /// The type of a column that a value makes; not for null.
  static ColumnType of(const Value& value);
  std::string name() const;
  /// Its name in the schema of a Delta table.
  std::string delta_name() const;
  ParquetColumn parquet(const std::string& column) const;

  friend bool operator==(const ColumnType&, const ColumnType&) = default;
};

/// What becomes of a number or time that its column does not hold exactly.
enum class Inexact : std::uint8_t { rejected, rounded };

/// Puts values into columns. Its memory is used again.
class ValueReader {
 public:
  ValueReader(TimeParser times, Inexact inexact) : times_(times), inexact_(inexact) {}

  /// Adds the value to `to`, or only checks it where `to` is null. Returns false when it does not fit the type; nothing
  /// is added then. A missing value is null.
  bool put(const ColumnType& type, const Value& value, ParquetValues* to);

  /// Whether the value is a time, as text or as a number that is meant so.
  bool is_time(const Value& value);

 private:
  bool rounds() const { return inexact_ == Inexact::rounded; }
  bool put_bigint(const Value& value, ParquetValues* to);
  bool put_real(const Value& value, ParquetValues* to);
  bool put_time(const Value& value, ParquetValues* to);
  bool put_decimal(const ColumnType& type, const Value& value, ParquetValues* to);
  bool read_time(const Value& value, Time& time);

  TimeParser times_;
  Inexact inexact_;
  avro::Unscaled unscaled_;
  std::string text_;
};

}  // namespace weir::lake_load
