// Waiting lines become a Parquet file.
#pragma once
#include <cstdint>
#include <string>

#include "columns.hpp"
#include "record/field_set.hpp"

namespace weir::lake_load {

/// How Parquet files are laid out.
struct ParquetLayout {
  std::uint64_t group_rows = 100'000;
  std::uint64_t group_bytes = 64 << 20;  ///< of values in memory
  int compression_level = 3;
};

/// The result of writing a file.
struct WrittenRows {
  std::uint64_t rows = 0;
  std::uint64_t size = 0;  ///< of the file, in bytes
  std::string stats;       ///< numRecords, minValues, maxValues and nullCount, as Delta has them
};

/// Writes the records in `lines`, a file, to the Parquet file `to`, durably. Throws std::runtime_error.
WrittenRows write_rows(const std::string& lines, const std::string& to, Columns& columns, const FieldSet& fields,
                       const ParquetLayout& layout);

}  // namespace weir::lake_load
