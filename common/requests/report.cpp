#include "requests/report.hpp"

#include <fmt/format.h>

#include "record/json_text.hpp"
#include "record/object_writer.hpp"

namespace weir::requests {
namespace {

/// A reason without the end of a long value that it quotes.
std::string beginning_of(std::string_view reason) {
  constexpr std::size_t longest = 240;
  if (reason.size() <= longest) return std::string(reason);
  std::size_t end = longest;
  while (end > 0 && (static_cast<unsigned char>(reason[end]) & 0xc0U) == 0x80U) --end;  // not within a character
  return std::string(reason.substr(0, end)) + "…";
}

}  // namespace

void Report::repeat(std::uint64_t accepted, std::uint64_t rejected) {
  accepted_ += accepted;
  rejected_ += rejected;
  repeated_ += accepted + rejected;
}

void Report::reject(std::string_view counted, std::uint64_t number, std::string_view reason) {
  ++rejected_;
  if (++listed_ > most_errors) return;
  const std::string beginning = beginning_of(reason);
  if (listed_ == 1) first_ = counted.empty() ? beginning : fmt::format("{} {}: {}", counted, number, beginning);
  if (!errors_.empty()) errors_ += ',';
  ObjectWriter writer(errors_);
  if (!counted.empty()) writer.integer(counted, static_cast<std::int64_t>(number));
  writer.string("reason", beginning);
  errors_ += '}';
}

std::string Report::json() const {
  std::string made;
  ObjectWriter writer(made);
  writer.integer("accepted", static_cast<std::int64_t>(accepted_));
  if (rejected_ > 0) writer.integer("rejected", static_cast<std::int64_t>(rejected_));
  if (repeated_ > 0) writer.integer("repeated", static_cast<std::int64_t>(repeated_));
  if (listed_ > 0) writer.raw("errors", '[' + errors_ + ']');
  if (listed_ > most_errors) writer.integer("errors_left_out", static_cast<std::int64_t>(listed_ - most_errors));
  writer.end();
  return made;
}

std::string Report::sentence() const {
  const std::string first = first_.empty() ? "rejected when it first came" : first_;
  if (accepted_ + rejected_ <= 1) return first;
  return fmt::format("{} (rejected: {}, accepted: {})", first, rejected_, accepted_);
}

}  // namespace weir::requests
