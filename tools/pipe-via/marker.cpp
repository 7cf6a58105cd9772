#include "marker.hpp"

#include <fmt/format.h>

#include <charconv>
#include <stdexcept>
#include <utility>

namespace weir::pipe_via {
namespace {

/// Bytes of the longest line that is taken for a marker, whatever blanks and escapes a command has put into it.
constexpr std::size_t longest = 512;

}  // namespace

MarkerFormat::MarkerFormat(std::string_view secret) : prefix_(std::string(secret) + '-') {
  fields_.read_members();
  parser_.emplace(fields_, Checking::every_token);
}

void MarkerFormat::append(std::string& out, std::uint64_t number) const {
  out += "{\"@via\":\"";
  out += prefix_;
  out += std::to_string(number);
  out += "\"}\n";
}

std::optional<std::uint64_t> MarkerFormat::number_in(std::string_view line) {
  if (line.size() > longest || line.find(prefix_) == std::string_view::npos) return std::nullopt;
  const Record* record = parser_->parse_copy(line, 0);
  if (record == nullptr || record->members().size() != 1) return std::nullopt;
  const Member& member = record->members().front();
  if (member.key != "@via" || member.value.kind != Kind::string || !member.value.text.starts_with(prefix_))
    return std::nullopt;
  const std::string_view digits = member.value.text.substr(prefix_.size());
  std::uint64_t number = 0;
  const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  if (read.ec != std::errc{} || read.ptr != digits.data() + digits.size()) return std::nullopt;
  return number;
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
