// A CSV file that several processes append to.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "csv/row_reader.hpp"
#include "record/log.hpp"

struct stat;

namespace weir::csv_append {

/// Appends whole rows: each call is one write(2) in append mode under flock(2), so rows of several writers do not mix
/// and a reader sees the end of a row or, while a large write is under way, the beginning of one. The file that is at
/// the path counts: when it was renamed away, a new one is made. `-` is standard output. A file that is not a regular
/// one is only written to.
class SharedFile {
 public:
  /// `log` gets a warning of what had to be repaired, and outlives this.
  SharedFile(std::string path, csv::Format format, Log& log);
  ~SharedFile();
  SharedFile(const SharedFile&) = delete;
  SharedFile& operator=(const SharedFile&) = delete;

  /// Opens or makes the file. If it has no header row yet, `header` (a whole row, or nothing) becomes it. Returns the
  /// names of its columns; none while it is empty. Throws std::system_error, and
  /// std::runtime_error when the first row cannot be a header.
  std::vector<std::string> open(std::string_view header);

  using Columns = std::vector<std::string>;

  /// Appends rows, after `header` when the file is empty. When it fails (no space), the file ends with a whole row.
  /// Returns the columns when the file has got more of them meanwhile. Throws std::system_error, and std::runtime_error
  /// when the file was replaced by one with other columns.
  std::optional<Columns> append(std::string_view rows, std::string_view header, const Columns& columns);

  /// Whether widen() can be called: the file is open, and a regular one.
  bool can_widen() const { return regular_; }

  /// Gives the file the columns `wider`, which begin with `columns`, by writing it anew: earlier rows get empty cells.
  /// Returns the columns that it has then; none when it has bytes that are not a row. Throws as append().
  Columns widen(const Columns& columns, Columns wider);

  /// Forces what was appended, and the name of a new file, to the disk. Throws std::system_error; do not call it again
  /// then.
  void sync();

  /// Closes the file. Throws std::system_error when close(2) fails.
  void close();

 private:
  class Lock;
  void open_current();
  void take_lock() const;
  void repair(std::uint64_t size, std::size_t columns);
  Columns append_to_wider(std::string_view rows, const Columns& columns, Columns found);
  void write_all(std::string_view bytes);
  void cut_to_whole_rows(std::string_view written, std::uint64_t before);
  std::uint64_t size() const;
  std::size_t read_block(char* to, std::uint64_t offset) const;
  [[noreturn]] void fail(int error) const;

  std::string path_;
  csv::Format format_;
  Log& log_;
  int fd_ = -1;
  bool regular_ = false;
  bool name_unsynced_ = false;  ///< the file may be new, and its name not on the disk
  bool started_ = false;        ///< a header was written, and the file is not a regular one
  std::string batch_;
};

}  // namespace weir::csv_append
