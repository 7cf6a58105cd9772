// A Parquet file that is being written; the door to Apache Arrow.
#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace weir {

/// What a column of a Parquet file holds. Times are microseconds since 1970 in UTC, dates are days since 1970.
enum class ParquetType : std::uint8_t { boolean, int64, float64, text, time, date, decimal };

/// A column; each may be null.
struct ParquetColumn {
  /// The most digits of a decimal that fits 64 bits.
  static constexpr int digits_of_int64 = 18;
  std::string name;
  ParquetType type = ParquetType::text;
  int precision = 0;  ///< of a decimal
  int scale = 0;      ///< of a decimal
  bool is_wide_decimal() const { return type == ParquetType::decimal && precision > digits_of_int64; }
};

/// The values of a column in one row group. Its memory is used again.
class ParquetValues {
 public:
  /// Bytes of a decimal of more than 18 digits: two's complement, the highest first.
  static constexpr std::size_t wide_bytes = 16;

  void add_null() { present_.push_back(0); }
  /// Of a boolean (0, 1), int64, time, date, or a decimal of at most 18 digits.
  void add(std::int64_t value) {
    present_.push_back(1);
    whole_.push_back(value);
  }
  void add(double value) {
    present_.push_back(1);
    floats_.push_back(value);
  }
  /// Of text, or of a wide decimal.
  void add(std::string_view value) {
    present_.push_back(1);
    bytes_ += value;
    ends_.push_back(bytes_.size());
  }
  /// Bytes that it takes.
  std::size_t bytes() const { return bytes_.size() + 8 * (whole_.size() + floats_.size() + ends_.size()); }
  std::size_t rows() const { return present_.size(); }
  std::size_t nulls() const { return present_.size() - whole_.size() - floats_.size() - ends_.size(); }
  const std::vector<std::int64_t>& whole() const { return whole_; }
  const std::vector<double>& floats() const { return floats_; }
  void clear();

 private:
  friend class ParquetFile;
  std::vector<std::int16_t> present_;  ///< a row's level: 1, or 0 for null
  std::vector<std::int64_t> whole_;
  std::vector<double> floats_;
  std::string bytes_;
  std::vector<std::size_t> ends_;  ///< of each value in bytes_
};

/// Writes a file in row groups, compressed by zstd, with statistics. The file is whole once finish() has returned. All
/// calls throw std::runtime_error or std::system_error with the file's name.
class ParquetFile {
 public:
  ParquetFile(const std::string& path, std::vector<ParquetColumn> columns, int compression_level);
  ~ParquetFile();
  ParquetFile(const ParquetFile&) = delete;
  ParquetFile& operator=(const ParquetFile&) = delete;

  /// Writes the values, one element a column, all with the same number of rows, and clears them.
  void write(std::vector<ParquetValues>& columns);
  /// Ends the file, syncs it to the disk and returns its size in bytes.
  std::uint64_t finish();

 private:
  struct Impl;
  void write_column(std::size_t index, ParquetValues& values);
  std::string path_;
  std::vector<ParquetColumn> columns_;
  std::unique_ptr<Impl> impl_;
};

}  // namespace weir
