// Parquet files of nested columns, a JSON object a row; for tables about tables, where speed does not count.
#pragma once
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace weir {

/// A column, or a member of one; each may be null.
struct JsonColumn {
  enum class Kind : std::uint8_t { text, int32, int64, boolean, object, text_map, text_list };
  std::string name;
  Kind kind = Kind::text;
  std::vector<JsonColumn> members = {};  ///< of an object
};

/// Writes rows as a Parquet file, compressed by zstd, durably. `next` puts the next row, a JSON object, into its
/// argument and returns false after the last. Members without a column are left out. Returns the size in bytes. Throws
/// std::runtime_error or std::system_error with the file's name.
std::uint64_t write_json_rows(const std::string& path, const std::vector<JsonColumn>& columns,
                              const std::function<bool(std::string& row)>& next);

/// Calls `each` with the rows of a Parquet file, as JSON objects without their nulls. Only columns of these names are
/// read; columns of types other than above are left out. Throws std::runtime_error with the file's name.
void read_json_rows(const std::string& path, const std::vector<std::string>& columns,
                    const std::function<void(std::string_view row)>& each);

}  // namespace weir
