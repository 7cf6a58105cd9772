#include "lost_transactions.hpp"

#include <chrono>
#include <vector>

#include "net/kafka/open_transactions.hpp"

namespace weir::kafka_pub {

void end_lost_transactions(kafka::Producer& producer, const kafka::Settings& settings,
                           std::span<const std::string> topics, const std::string& pipe, std::uint64_t number, Log& log,
                           const std::function<void()>& meanwhile) {
  constexpr std::chrono::milliseconds slice(50);
  const std::vector<kafka::Partition> open = kafka::open_transactions(settings, topics, log, meanwhile);
  if (open.empty()) return;
  const auto wait = [&] {
    producer.wait({}, slice);
    meanwhile();
  };
  producer.begin_transaction();
  for (const kafka::Partition& place : open) {
    kafka::Message message;
    message.topic = &place.topic;
    message.key = pipe;
    message.partition = place.number;
    message.number = number;
    while (producer.send(message) == kafka::Producer::Sent::full) wait();
  }
  while (producer.in_flight() > 0) wait();
  producer.abort_transaction();
}

}  // namespace weir::kafka_pub
