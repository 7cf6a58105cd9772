#include "marker.hpp"

#include <charconv>

namespace weir::pipe_via {
namespace {

constexpr std::size_t longest = 64;

void skip_blanks(std::string_view& rest) {
  const auto first = rest.find_first_not_of(" \t\r");
  rest.remove_prefix(first == std::string_view::npos ? rest.size() : first);
}

bool take(std::string_view& rest, std::string_view word) {
  skip_blanks(rest);
  if (!rest.starts_with(word)) return false;
  rest.remove_prefix(word.size());
  return true;
}

}  // namespace

void append_marker(std::string& out, std::uint64_t number) {
  out += "{\"@via\":";
  out += std::to_string(number);
  out += "}\n";
}

std::optional<std::uint64_t> marker_in(std::string_view line) {
  if (line.size() > longest || !take(line, "{") || !take(line, "\"@via\"") || !take(line, ":")) return std::nullopt;
  skip_blanks(line);
  std::uint64_t number = 0;
  const auto read = std::from_chars(line.data(), line.data() + line.size(), number);
  if (read.ec != std::errc{}) return std::nullopt;
  line.remove_prefix(static_cast<std::size_t>(read.ptr - line.data()));
  if (!take(line, "}")) return std::nullopt;
  skip_blanks(line);
  return line.empty() ? std::optional(number) : std::nullopt;
}

}  // namespace weir::pipe_via
