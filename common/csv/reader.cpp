#include "csv/reader.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <memory>
#include <system_error>

#include "csv/header.hpp"

namespace weir::csv {
namespace {

void take_rows(RowReader& reader, Table& table) {
  while (const Row* row = reader.next()) {
    if (row->problem != nullptr) {
      table.problems.push_back({row->line, row->problem});
    } else if (table.header.empty()) {
      table.header = column_names(row->cells);
    } else if (row->cells.size() != table.header.size()) {
      table.problems.push_back({row->line, std::to_string(row->cells.size()) + " cells where the header has " +
                                               std::to_string(table.header.size())});
    } else {
      table.rows.push_back({row->line, {row->cells.begin(), row->cells.end()}});
    }
  }
}

}  // namespace

std::optional<std::size_t> Table::column(std::string_view name) const {
  const auto found = std::find(header.begin(), header.end(), name);
  if (found == header.end()) return std::nullopt;
  return static_cast<std::size_t>(found - header.begin());
}

Table parse_table(std::string_view text, Format format) {
  RowReader reader(format);
  Table table;
  reader.append(text);
  reader.finish();
  take_rows(reader, table);
  return table;
}

Table read_table(const std::string& path, Format format) {
  struct Close {
    int fd;
    ~Close() { ::close(fd); }
  };
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) throw std::system_error(errno, std::generic_category(), path);
  const Close close{fd};
  RowReader reader(format);
  Table table;
  constexpr std::size_t block = 64 * 1024;
  for (;;) {
    const ssize_t n = ::read(fd, reader.room(block), block);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) throw std::system_error(errno, std::generic_category(), path);
    if (n == 0) reader.finish();
    if (n > 0) reader.added(static_cast<std::size_t>(n));
    take_rows(reader, table);
    if (n == 0) return table;
  }
}

}  // namespace weir::csv
