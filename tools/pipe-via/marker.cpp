#include "marker.hpp"

#include <fmt/format.h>

#include <charconv>
#include <stdexcept>
#include <utility>

namespace weir::pipe_via {
namespace {

/// Bytes of the longest line that is taken for a marker.
constexpr std::size_t longest = 64;

void skip_blanks(std::string_view& rest) {
  const auto first = rest.find_first_not_of(" \t\r");
  rest.remove_prefix(first == std::string_view::npos ? rest.size() : first);
}

bool take(std::string_view& rest, std::string_view token) {
  skip_blanks(rest);
  if (!rest.starts_with(token)) return false;
  rest.remove_prefix(token.size());
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

std::uint64_t Markers::add(std::string_view control, Clock::time_point now) {
  if (awaited_.empty()) last_move_ = now;
  awaited_.push_back({++last_number_, std::string(control)});
  return last_number_;
}

std::string Markers::pass(std::uint64_t number) {
  if (awaited_.empty() || awaited_.front().number != number)
    throw std::runtime_error(fmt::format("the command has passed on the marker {} out of order", number));
  std::string control = std::move(awaited_.front().control);
  awaited_.pop_front();
  return control;
}

std::string Markers::drop_all() {
  std::string lines;
  for (const Awaited& each : awaited_)
    if (!each.control.empty()) lines += each.control + '\n';
  awaited_.clear();
  return lines;
}

}  // namespace weir::pipe_via
