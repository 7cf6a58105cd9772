#include "net/kafka/admin.hpp"

#include <fmt/format.h>

#include <array>
#include <chrono>
#include <memory>
#include <thread>
#include <utility>

#include "net/kafka/handle.hpp"
#include "net/kafka/topic_setting.hpp"

namespace weir::kafka {
namespace {

constexpr int slice_ms = 200;
constexpr auto again_pause = std::chrono::milliseconds(100);

using Event = std::unique_ptr<rd_kafka_event_t, decltype(&rd_kafka_event_destroy)>;

/// Sends a request until the brokers answer it. `send(client, queue)` sends it.
template <typename Send>
Event answer(Client& client, const std::function<void()>& meanwhile, Send send) {
  const Queue queue(rd_kafka_queue_new(client.get()));
  for (;;) {
    send(client.get(), queue.get());
    Event event(nullptr, rd_kafka_event_destroy);
    while (!event) {
      event.reset(rd_kafka_queue_poll(queue.get(), slice_ms));
      client.check();
      meanwhile();
    }
    if (rd_kafka_event_error(event.get()) == RD_KAFKA_RESP_ERR_NO_ERROR) return event;
  }
}

}  // namespace

Admin::Admin(Settings settings, Log& log, std::function<void()> meanwhile)
    : settings_(std::move(settings)), log_(log), meanwhile_(std::move(meanwhile)) {}

Admin::Made Admin::make_topic(const NewTopic& wanted) {
  Client client(settings_, RD_KAFKA_PRODUCER, {{"socket.timeout.ms", request_timeout_ms}}, log_);
  std::array<char, 512> reason{};
  const std::unique_ptr<rd_kafka_NewTopic_t, decltype(&rd_kafka_NewTopic_destroy)> topic(
      rd_kafka_NewTopic_new(wanted.name.c_str(), wanted.partitions, wanted.replicas, reason.data(), reason.size()),
      rd_kafka_NewTopic_destroy);
  if (!topic) throw TopicRefused(fmt::format("the topic {} cannot be made: {}", wanted.name, reason.data()));
  for (const auto& [name, value] : wanted.configuration)
    rd_kafka_NewTopic_set_config(topic.get(), name.c_str(), value.c_str());
  rd_kafka_NewTopic_t* raw = topic.get();
  const Event event = answer(client, meanwhile_, [&](rd_kafka_t* to, rd_kafka_queue_t* queue) {
    rd_kafka_CreateTopics(to, &raw, 1, nullptr, queue);
  });
  std::size_t count = 0;
  const auto* results = rd_kafka_CreateTopics_result_topics(rd_kafka_event_CreateTopics_result(event.get()), &count);
  if (count == 0) return Made::yes;
  switch (rd_kafka_topic_result_error(results[0])) {
    case RD_KAFKA_RESP_ERR_NO_ERROR:
      return Made::yes;
    case RD_KAFKA_RESP_ERR_TOPIC_ALREADY_EXISTS:
      return Made::was_there;
    default:
      throw TopicRefused(
          fmt::format("the topic {} cannot be made: {}", wanted.name, rd_kafka_topic_result_error_string(results[0])));
  }
}

std::string Admin::setting_of_topic(const std::string& topic, const std::string& name) {
  Client client(settings_, RD_KAFKA_PRODUCER, {{"socket.timeout.ms", request_timeout_ms}}, log_);
  const auto deadline = std::chrono::steady_clock::now() + propagation;
  for (;;) {
    const Described described = setting_of(*client.get(), topic, name, [&] {
      client.check();
      meanwhile_();
    });
    client.check();
    meanwhile_();
    if (!described.answered) continue;
    if (described.error == RD_KAFKA_RESP_ERR_NO_ERROR) return described.value;
    // A topic that another client has just made is not known to every broker at once.
    if (described.error != RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART || std::chrono::steady_clock::now() > deadline)
      throw Refused(fmt::format("the settings of the topic {} cannot be read: {}", topic, described.reason));
    std::this_thread::sleep_for(again_pause);
  }
}

}  // namespace weir::kafka
