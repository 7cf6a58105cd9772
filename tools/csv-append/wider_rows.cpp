#include "wider_rows.hpp"

#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <stdexcept>

#include "csv/header.hpp"
#include "row_builder.hpp"
#include "state/atomic_file.hpp"
#include "state/files.hpp"

namespace weir::csv_append {
namespace {

constexpr std::size_t block = 256 * 1024;
constexpr std::string_view mark = "\xEF\xBB\xBF";

/// The bytes of an open file, block by block.
class FileBytes {
 public:
  FileBytes(int fd, const std::string& path) : fd_(fd), path_(path) {}

  /// Gives the next block to the reader, or tells it that the file has ended. False at the end.
  bool feed(csv::RowReader& rows) {
    ssize_t n = 0;
    do {
      n = ::pread(fd_, rows.room(block), block, static_cast<off_t>(offset_));
    } while (n < 0 && errno == EINTR);
    if (n < 0) state::fail(path_);
    rows.added(static_cast<std::size_t>(n));
    offset_ += static_cast<std::uint64_t>(n);
    if (n == 0) rows.finish();
    return n > 0;
  }

 private:
  int fd_;
  const std::string& path_;
  std::uint64_t offset_ = 0;
};

}  // namespace

std::vector<std::string> read_columns(int fd, const std::string& path, const csv::Format& format) {
  csv::RowReader rows(format);
  FileBytes bytes(fd, path);
  for (;;) {
    const bool more = bytes.feed(rows);
    if (const csv::Row* row = rows.next()) {
      if (row->problem != nullptr)
        throw std::runtime_error(path + ": line " + std::to_string(row->line) + ": the header row: " + row->problem);
      return csv::column_names(row->cells);
    }
    if (!more) return {};
  }
}

bool append_padded(csv::RowReader& rows, char delimiter, std::size_t columns, std::string_view line_end,
                   std::string& out) {
  while (const csv::Row* row = rows.next()) {
    if (row->problem != nullptr || row->cells.size() > columns) return false;
    out += row->raw;
    out.append(columns - row->cells.size(), delimiter);
    out += row->end.empty() ? line_end : row->end;
  }
  return true;
}

bool write_wider(int fd, const std::string& path, const csv::Format& format, const std::vector<std::string>& columns,
                 const AppendBytes& append) {
  csv::RowReader rows(format);
  FileBytes bytes(fd, path);
  std::string line_end;
  std::string out;
  for (bool more = true; more;) {
    const bool first = rows.consumed() == 0 && rows.pending().empty();
    more = bytes.feed(rows);
    if (first && rows.pending().starts_with(mark)) out += mark;
    if (line_end.empty()) {
      const csv::Row* const header = rows.next();
      if (header == nullptr && more) continue;
      line_end = header == nullptr || header->end.empty() ? "\n" : header->end;
      RowBuilder(columns, format.delimiter).append_header(out);
      out.replace(out.size() - 1, 1, line_end);
    }
    if (!append_padded(rows, format.delimiter, columns.size(), line_end, out)) return false;
    append(out);
    out.clear();
  }
  return true;
}

bool has_only_rows(int fd, const std::string& path, const csv::Format& format) {
  csv::RowReader rows(format);
  FileBytes bytes(fd, path);
  std::size_t columns = 0;
  while (bytes.feed(rows)) {
    while (const csv::Row* row = rows.next()) {
      if (columns == 0) columns = row->cells.size();
      if (row->problem != nullptr || row->cells.size() > columns) return false;
    }
  }
  return true;
}

void pad_rows(int fd, const std::string& path, const csv::Format& format, std::size_t columns,
              const AppendBytes& append) {
  csv::Format longer = format;
  longer.max_row = 2 * format.max_row + columns + 2;  // quotes and delimiters make a row longer than its record
  csv::RowReader rows(longer);
  FileBytes bytes(fd, path);
  std::string out;
  for (bool more = true; more;) {
    more = bytes.feed(rows);
    if (!append_padded(rows, format.delimiter, columns, "\n", out))
      throw std::runtime_error(path + ": a row of this run cannot be read again");
    append(out);
    out.clear();
  }
}

bool rewrite_wider(int fd, const std::string& path, const csv::Format& format,
                   const std::vector<std::string>& columns) {
  state::AtomicFile made(std::filesystem::canonical(path).string());
  if (!write_wider(fd, path, format, columns, [&](std::string_view bytes) { made.append(bytes); })) return false;
  made.finish();
  return true;
}

}  // namespace weir::csv_append
