// A CSV file that several processes append to.
#pragma once
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "csv/row_reader.hpp"

struct stat;

namespace weir::csv_append {

/// Appends whole rows: each call is one write(2) in append mode under flock(2), so rows of several writers do not mix
/// and a reader sees the end of a row or, while a large write is under way, the beginning of one. The file that is at
/// the path counts: when it was renamed away, a new one is made. `-` is standard output; what is no regular file is
/// just written to.
class SharedFile {
 public:
  using Say = std::function<void(const std::string&)>;

  /// `say` is told of what had to be repaired.
  SharedFile(std::string path, csv::Format format, Say say);
  ~SharedFile();
  SharedFile(const SharedFile&) = delete;
  SharedFile& operator=(const SharedFile&) = delete;

  /// Opens or makes the file. If it has no header row yet, `header` (a whole row, or nothing) becomes it. Returns the
  /// names of the columns that it has then; none when it is empty still. Throws std::system_error, and
  /// std::runtime_error when the first row cannot be a header.
  std::vector<std::string> open(std::string_view header);

  /// Appends rows, behind `header` when the file is empty (again). When it fails (no space), the file
  /// ends with a whole row. Throws std::system_error, and std::runtime_error when the file is another one now
  /// with columns other than `columns`.
  void append(std::string_view rows, std::string_view header, const std::vector<std::string>& columns);

  /// What was appended, and the name of a new file, is on the disk when this returns. Throws std::system_error; then it
  /// must not be tried again.
  void sync();

  /// Looks at the error of close(2) too. Throws std::system_error.
  void close();

 private:
  class Lock;
  void open_current();
  void take_lock() const;
  void repair(std::uint64_t size, std::size_t columns);
  std::vector<std::string> read_header() const;
  void write_all(std::string_view bytes);
  void cut_to_whole_rows(std::string_view written, std::uint64_t before);
  std::uint64_t size() const;
  std::size_t read_block(char* to, std::uint64_t offset) const;
  [[noreturn]] void fail(int error) const;

  std::string path_;
  csv::Format format_;
  Say say_;
  int fd_ = -1;
  bool regular_ = false;
  bool name_unsynced_ = false;  ///< the file may be new, and its name not on the disk yet
  bool started_ = false;        ///< a header went to what is no regular file
  std::string batch_;
};

}  // namespace weir::csv_append
