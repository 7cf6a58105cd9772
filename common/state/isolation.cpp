#include "state/isolation.hpp"

#include <fmt/format.h>

#include <charconv>

namespace weir::state {
namespace {

constexpr std::uint64_t epochs_of_a_size = 16;
constexpr std::uint64_t growth = 16;

bool take_number(std::string_view& text, std::uint64_t& number) {
  const auto read = std::from_chars(text.data(), text.data() + text.size(), number);
  if (read.ec != std::errc{}) return false;
  text.remove_prefix(static_cast<std::size_t>(read.ptr - text.data()));
  if (!text.starts_with(' ')) return false;
  text.remove_prefix(1);
  return true;
}

}  // namespace

std::optional<std::uint64_t> Isolation::lines_of(std::uint64_t nth) const {
  std::uint64_t now = lines;
  for (; nth >= epochs_of_a_size && now <= most_isolated_lines; nth -= epochs_of_a_size) now *= growth;
  if (now > most_isolated_lines) return std::nullopt;
  return now;
}

std::string to_text(const Isolation& isolation) {
  return fmt::format("{} {} {} {}", isolation.epoch, isolation.lines, isolation.set_aside, isolation.reason);
}

std::optional<Isolation> read_isolation(std::string_view text) {
  Isolation read;
  if (!take_number(text, read.epoch) || !take_number(text, read.lines) || !take_number(text, read.set_aside) ||
      read.lines == 0)
    return std::nullopt;
  read.reason = text;
  return read;
}

}  // namespace weir::state
