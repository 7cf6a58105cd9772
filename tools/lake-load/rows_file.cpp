#include "rows_file.hpp"

#include <fcntl.h>
#include <fmt/format.h>

#include <limits>
#include <stdexcept>

#include "column_stats.hpp"
#include "record/line_reader.hpp"
#include "record/parser.hpp"
#include "state/descriptor.hpp"
#include "state/files.hpp"

namespace weir::lake_load {

WrittenRows write_rows(const std::string& lines, const std::string& to, Columns& columns, const FieldSet& fields,
                       const ParquetLayout& layout) {
  const state::Descriptor in(::open(lines.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
  if (in.get() < 0) state::fail(lines);
  constexpr std::size_t any_length = std::numeric_limits<std::size_t>::max() / 2;
  LineReader reader(in.get(), any_length);
  RecordParser parser(fields);
  ParquetFile file(to, columns.of_file(), layout.compression_level);
  std::vector<ParquetValues> values(columns.of_file().size());
  ColumnStats stats(columns);
  std::uint64_t group_rows = 0;
  const auto end_group = [&] {
    stats.add(values);
    file.write(values);
    group_rows = 0;
  };
  const auto is_full = [&] {
    if (group_rows >= layout.group_rows) return true;
    constexpr std::uint64_t look_every = 1024;
    if (group_rows % look_every != 0) return false;
    std::size_t bytes = 0;
    for (const ParquetValues& column : values) bytes += column.bytes();
    return bytes >= layout.group_bytes;
  };
  std::uint64_t number = 0;
  for (auto more = LineReader::Fill::data; more == LineReader::Fill::data;) {
    more = reader.fill();
    parser.prepare(reader.pending());
    while (const auto line = reader.next()) {
      const Record* record = parser.parse(line->text, ++number);
      if (record == nullptr) throw std::runtime_error(fmt::format("{}: line {}: {}", lines, number, parser.reason()));
      columns.append(*record, values);
      ++group_rows;
      if (is_full()) end_group();
    }
  }
  if (group_rows > 0) end_group();
  WrittenRows written{stats.rows(), file.finish(), stats.json()};
  return written;
}

}  // namespace weir::lake_load
