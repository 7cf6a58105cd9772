#include "csv/cell.hpp"

#include <algorithm>

namespace weir::csv {

void append_cell(std::string& out, std::string_view text, char delimiter) {
  const auto blank = [](char c) { return c == ' ' || c == '\t'; };
  bool quotes = text.empty() || blank(text.front()) || blank(text.back()) || text.starts_with("\xEF\xBB\xBF");
  if (!quotes)
    quotes = std::any_of(text.begin(), text.end(),
                         [delimiter](char c) { return c == delimiter || c == '"' || c == '\r' || c == '\n'; });
  if (!quotes) {
    out += text;
    return;
  }
  out += '"';
  for (std::size_t at = 0;;) {
    const std::size_t found = std::min(text.find('"', at), text.size());
    out.append(text, at, found - at);
    if (found == text.size()) break;
    out += "\"\"";
    at = found + 1;
  }
  out += '"';
}

}  // namespace weir::csv
