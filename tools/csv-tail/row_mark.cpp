#include "row_mark.hpp"

#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "csv/decoded_reader.hpp"
#include "state/checksum.hpp"
#include "state/files.hpp"

namespace weir::csv_tail {
namespace {

constexpr std::size_t block = 256 * 1024;

bool is_wider(std::span<const std::string_view> cells, std::span<const std::string> header) {
  return cells.size() > header.size() && std::equal(header.begin(), header.end(), cells.begin());
}

}  // namespace

void RowMark::add(const csv::Row& row, char delimiter) {
  std::string_view text = row.raw;
  while (text.ends_with(delimiter)) text.remove_suffix(1);
  ++rows;
  sum = (sum ^ state::crc32c({text})) * 0x9E3779B97F4A7C15U;
}

std::string TableMemory::saved_orders() {
  std::string saved;
  if (orders.size() == 0) return saved;
  SnapshotWriter writer(saved);
  StateArchive archive(writer);
  orders.state(archive);
  return saved;
}

void TableMemory::load_orders(std::string_view saved) {
  if (saved.empty()) return;
  SnapshotReader reader(saved);
  StateArchive archive(reader);
  orders.state(archive);
}

std::optional<std::uint64_t> find_in_wider(int fd, const std::string& name, const RowSettings& settings,
                                           std::span<const std::string> header, const RowMark& mark) {
  if (mark.rows == 0 || header.empty() || settings.skip_lines > 0 || !settings.columns.empty()) return std::nullopt;
  csv::DecodedReader rows(settings.format, settings.encoding);
  bool header_seen = false;
  RowMark found;
  for (std::uint64_t offset = 0;;) {
    const ssize_t n = ::pread(fd, rows.room(block), block, static_cast<off_t>(offset));
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) state::fail(name);
    if (n == 0) return std::nullopt;
    rows.added(static_cast<std::size_t>(n));
    offset += static_cast<std::uint64_t>(n);
    while (const csv::Row* row = rows.next()) {
      if (!header_seen) {
        if (!is_wider(row->cells, header)) return std::nullopt;
        header_seen = true;
        continue;
      }
      found.add(*row, rows.delimiter());
      if (found.rows < mark.rows) continue;
      rows.settle();
      return found == mark ? std::optional(rows.consumed()) : std::nullopt;
    }
    rows.settle();
  }
}

}  // namespace weir::csv_tail
