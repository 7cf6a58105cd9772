// A table's file, which is read again when it has changed.
#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "state/file_mark.hpp"
#include "tables/table.hpp"

namespace weir::tables {

using state::FileMark;

/// What a file has now, and which file it is. Throws TableError, with the path.
FileMark read_whole(const std::string& path, std::string& text);
FileMark mark_of(const std::string& path);

/// The CRC32C of a content, and its length in bytes.
struct Content {
  std::uint32_t crc = 0;
  std::uint64_t size = 0;
  bool operator==(const Content&) const = default;
  static Content of(std::string_view text);
};

/// A file and the table that was made of it.
class TableFile {
 public:
  /// Reads the file. Where no columns are to be taken by name, those that it has now are taken from then on. Throws
  /// TableError.
  explicit TableFile(TableSettings settings);

  const Table& table() const { return *table_; }
  const std::string& path() const { return settings_.rows.name; }
  /// Of what is in use.
  Content content() const { return content_; }

  /// Reads the file where it is another one or has changed since. Returns whether the table is a new one. Throws
  /// TableError; the table then stays as it is, and the file is not read again until it changes.
  bool look();

 private:
  void use(const std::string& text);

  TableSettings settings_;
  std::unique_ptr<const Table> table_;
  Content content_;
  FileMark mark_;
};

}  // namespace weir::tables
