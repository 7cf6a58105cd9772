#include "wider_rows.hpp"

#include <unistd.h>

#include <cerrno>
#include <filesystem>

#include "state/atomic_file.hpp"
#include "state/files.hpp"

namespace weir::csv_append {
namespace {

constexpr std::size_t block = 256 * 1024;

}  // namespace

bool append_padded(csv::RowReader& rows, char delimiter, std::size_t columns, std::string& out) {
  while (const csv::Row* row = rows.next()) {
    if (row->problem != nullptr || row->cells.size() > columns) return false;
    out += row->raw;
    out.append(columns - row->cells.size(), delimiter);
    out += '\n';
  }
  return true;
}

bool rewrite_wider(int fd, const std::string& path, const csv::Format& format, const std::string& header,
                   std::size_t columns) {
  state::AtomicFile made(std::filesystem::canonical(path).string());
  made.append(header);
  csv::RowReader rows(format);
  std::string out;
  bool header_passed = false;
  for (std::uint64_t offset = 0;;) {
    const ssize_t n = ::pread(fd, rows.room(block), block, static_cast<off_t>(offset));
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) state::fail(path);
    rows.added(static_cast<std::size_t>(n));
    offset += static_cast<std::uint64_t>(n);
    if (n == 0) rows.finish();
    if (!header_passed) header_passed = rows.next() != nullptr;
    if (!append_padded(rows, format.delimiter, columns, out)) return false;
    made.append(out);
    out.clear();
    if (n == 0) break;
  }
  made.finish();
  return true;
}

}  // namespace weir::csv_append
