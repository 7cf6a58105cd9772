#include "header_row.hpp"

#include <algorithm>
#include <charconv>

#include "cell_rules.hpp"

namespace weir::csv_tail {

std::optional<char> named_delimiter(std::string_view line) {
  if (line.size() >= 2 && line.front() == '"' && line.back() == '"') line = line.substr(1, line.size() - 2);
  if (!line.starts_with("sep=") && !line.starts_with("SEP=")) return std::nullopt;
  return csv::parse_delimiter(line.substr(4));
}

bool continues_table(std::span<const std::string_view> row, std::span<const std::string> header) {
  const bool names_are_data = std::any_of(header.begin(), header.end(), looks_like_data);
  const auto data = std::count_if(row.begin(), row.end(), looks_like_data);
  if (row.size() == header.size()) {
    for (std::size_t i = 0; i < row.size(); ++i)
      if (looks_like_data(row[i]) && !looks_like_data(header[i])) return true;
    return false;
  }
  // Part of a row, where a file was cut.
  return !names_are_data && data > 0 &&
         data + std::count(row.begin(), row.end(), std::string_view()) == static_cast<std::ptrdiff_t>(row.size());
}

bool is_data(std::span<const std::string_view> header) {
  std::size_t data = 0;
  std::optional<long> last;
  bool counts_up = true;
  for (const std::string_view cell : header) {
    if (cell.empty()) continue;
    if (!looks_like_data(cell)) return false;
    ++data;
    long number = 0;
    const auto [end, error] = std::from_chars(cell.data(), cell.data() + cell.size(), number);
    if (error != std::errc() || end != cell.data() + cell.size() || (last && number != *last + 1)) counts_up = false;
    last = number;
  }
  return data > 0 && !(counts_up && data > 1);
}

std::string likelier_delimiter(const csv::Row& header, char delimiter) {
  for (const char candidate : {';', '\t', '|', ','}) {
    const auto times = static_cast<std::size_t>(std::count(header.raw.begin(), header.raw.end(), candidate));
    if (candidate == delimiter || times < header.cells.size()) continue;
    return candidate == '\t' ? "tab" : std::string("'") + candidate + '\'';
  }
  return {};
}

}  // namespace weir::csv_tail
