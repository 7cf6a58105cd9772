#include "answer.hpp"

#include "record/json_text.hpp"
#include "record/object_writer.hpp"

namespace weir::http_recv {
namespace {

constexpr const char* json_type = "application/json";

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
  if (!errors_.empty()) errors_ += ',';
  ObjectWriter writer(errors_);
  if (!counted.empty()) writer.integer(counted, static_cast<std::int64_t>(number));
  writer.string("reason", beginning_of(reason));
  errors_ += '}';
}

web::Response Report::response(bool points) const {
  web::Response made{.status = rejected_ > 0 ? 400 : 200, .type = json_type};
  if (points && rejected_ == 0) {
    made.status = 204;
    return made;
  }
  ObjectWriter writer(made.body);
  writer.integer("accepted", static_cast<std::int64_t>(accepted_));
  if (rejected_ > 0) writer.integer("rejected", static_cast<std::int64_t>(rejected_));
  if (repeated_ > 0) writer.integer("repeated", static_cast<std::int64_t>(repeated_));
  if (listed_ > 0) writer.raw("errors", '[' + errors_ + ']');
  if (listed_ > most_errors) writer.integer("errors_left_out", static_cast<std::int64_t>(listed_ - most_errors));
  writer.end();
  return made;
}

web::Response refusal(int status, std::string_view sentence) {
  web::Response made{.status = status, .type = json_type};
  ObjectWriter writer(made.body);
  writer.string("error", sentence);
  writer.end();
  return made;
}

web::Response come_again(int status, std::string_view sentence, int seconds) {
  web::Response made = refusal(status, sentence);
  made.headers.emplace_back("Retry-After", std::to_string(seconds));
  return made;
}

}  // namespace weir::http_recv
