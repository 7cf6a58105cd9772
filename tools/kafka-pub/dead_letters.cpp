#include "dead_letters.hpp"

#include <fmt/format.h>

#include <array>
#include <span>
#include <stdexcept>
#include <utility>

namespace weir::kafka_pub {
namespace {

/// What a batch, a message and the names of its headers take beside the texts, at most.
constexpr std::uint64_t around = 512;

/// The first bytes of a text, as whole characters of UTF-8.
std::string_view first_bytes(std::string_view text, std::uint64_t most) {
  const auto goes_on = [&](std::size_t at) { return (static_cast<unsigned char>(text[at]) & 0xC0U) == 0x80U; };
  while (most > 0 && goes_on(most)) --most;
  return text.substr(0, most);
}

}  // namespace

kafka::Producer::Sent DeadLetters::send(kafka::Producer& producer, const DeadLetter& letter, Log& log) {
  const std::string length = std::to_string(letter.payload.size());
  const std::array headers = {kafka::Header{"weir-topic", letter.topic}, kafka::Header{"weir-reason", letter.reason},
                              kafka::Header{"weir-length", length}};
  kafka::Message message;
  message.topic = &topic_;
  message.payload = letter.payload;
  message.number = number_;
  const std::uint64_t beside = around + letter.topic.size() + letter.reason.size();
  const bool is_cut = most_bytes_ > 0 && beside + letter.payload.size() > most_bytes_;
  if (is_cut) message.payload = first_bytes(letter.payload, most_bytes_ > beside ? most_bytes_ - beside : 0);
  message.headers = std::span(headers).first(is_cut ? 3 : 2);
  try {
    return producer.send(message);
  } catch (const std::invalid_argument& problem) {
    report_lost(problem.what(), log);
    return kafka::Producer::Sent::yes;
  }
}

void DeadLetters::report_lost(std::string_view reason, Log& log) {
  if (!std::exchange(lost_, true))
    log.warn(
        fmt::format("--dead-letter {} does not take a record either: {}; it is among the rejects only (reported once)",
                    topic_, reason));
}

}  // namespace weir::kafka_pub
