// The least and greatest values of a file's columns, as Delta has them beside a file.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "columns.hpp"

namespace weir::lake_load {

/// Gathers numbers of rows and nulls, and the range of bigint, double, date and timestamp columns.
class ColumnStats {
 public:
  explicit ColumnStats(const Columns& columns);
  /// Takes a row group's values, one element a column of the file.
  void add(const std::vector<ParquetValues>& values);
  /// `{"numRecords":…,"minValues":{…},"maxValues":{…},"nullCount":{…}}`.
  std::string json() const;
  std::uint64_t rows() const { return rows_; }

 private:
  struct Range {
    std::string name;
    ColumnType::Kind kind;
    std::uint64_t nulls = 0;
    std::optional<std::pair<std::int64_t, std::int64_t>> whole{};
    std::optional<std::pair<double, double>> floats{};
  };
  std::vector<Range> ranges_;
  std::uint64_t rows_ = 0;
};

}  // namespace weir::lake_load
