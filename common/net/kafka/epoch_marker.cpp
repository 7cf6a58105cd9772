#include "net/kafka/epoch_marker.hpp"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <algorithm>
#include <map>
#include <memory>
#include <string_view>
#include <utility>
#include <vector>

#include "net/kafka/errors.hpp"
#include "net/kafka/handle.hpp"

namespace weir::kafka {
namespace {

/// How long a call may last before `meanwhile` gets its turn.
constexpr int slice_ms = 200;
constexpr std::string_view before_epoch = R"({"epoch":)";

/// A client that reads or administers, without a group of its own.
class Client {
 public:
  Client(const Settings& settings, rd_kafka_type_t type, const Properties& properties, Log& log)
      : connection_(settings, log) {
    Conf conf = common_configuration(settings);
    for (const auto& [name, value] : properties) set(*conf, name, value);
    for (const auto& [name, value] : settings.properties) set(*conf, name, value);
    rd_kafka_conf_set_opaque(conf.get(), &connection_);
    rd_kafka_conf_set_error_cb(conf.get(), [](rd_kafka_t*, int code, const char* reason, void* opaque) {
      static_cast<Connection*>(opaque)->on_error(static_cast<rd_kafka_resp_err_t>(code), reason);
    });
    std::array<char, 512> reason{};
    client_.reset(rd_kafka_new(type, conf.get(), reason.data(), reason.size()));
    if (!client_) throw Refused(reason.data());
    static_cast<void>(conf.release());
  }
  rd_kafka_t* get() const { return client_.get(); }
  Connection& connection() { return connection_; }

 private:
  Connection connection_;
  Handle client_;
};

std::uint64_t epoch_of(std::string_view value) {
  std::uint64_t epoch = 0;
  if (value.starts_with(before_epoch)) value.remove_prefix(before_epoch.size());
  const auto read = std::from_chars(value.data(), value.data() + value.size(), epoch);
  return read.ec == std::errc() ? epoch : 0;
}

struct AdminResult {
  void operator()(rd_kafka_event_t* event) const { rd_kafka_event_destroy(event); }
};

}  // namespace

EpochMarkers::EpochMarkers(Settings settings, std::string topic, Log& log, std::function<void()> meanwhile)
    : settings_(std::move(settings)), topic_(std::move(topic)), log_(log), meanwhile_(std::move(meanwhile)) {}

std::string EpochMarkers::value(std::uint64_t epoch, const std::string& run) {
  return fmt::format(R"({}{},"run":"{}"}})", before_epoch, epoch, run);
}

void EpochMarkers::make_topic() {
  Client client(settings_, RD_KAFKA_PRODUCER, {}, log_);
  std::array<char, 512> reason{};
  rd_kafka_NewTopic_t* topic = rd_kafka_NewTopic_new(topic_.c_str(), 1, -1, reason.data(), reason.size());
  if (topic == nullptr) throw Refused(fmt::format("{}: {}", topic_, reason.data()));
  const std::unique_ptr<rd_kafka_NewTopic_t, decltype(&rd_kafka_NewTopic_destroy)> owned(topic,
                                                                                         rd_kafka_NewTopic_destroy);
  rd_kafka_NewTopic_set_config(topic, "cleanup.policy", "compact");
  const Queue queue(rd_kafka_queue_new(client.get()));
  for (;;) {
    rd_kafka_CreateTopics(client.get(), &topic, 1, nullptr, queue.get());
    std::unique_ptr<rd_kafka_event_t, AdminResult> event;
    while (!event) {
      event.reset(rd_kafka_queue_poll(queue.get(), slice_ms));
      rd_kafka_poll(client.get(), 0);
      client.connection().check();
      meanwhile_();
    }
    if (rd_kafka_event_error(event.get()) != RD_KAFKA_RESP_ERR_NO_ERROR) continue;  // no broker yet: again
    std::size_t count = 0;
    const auto* results = rd_kafka_CreateTopics_result_topics(rd_kafka_event_CreateTopics_result(event.get()), &count);
    const rd_kafka_resp_err_t code =
        count == 0 ? RD_KAFKA_RESP_ERR_NO_ERROR : rd_kafka_topic_result_error(results[0]);
    if (code == RD_KAFKA_RESP_ERR_NO_ERROR || code == RD_KAFKA_RESP_ERR_TOPIC_ALREADY_EXISTS) return;
    throw Refused(fmt::format("the topic {} of the epochs cannot be made: {}", topic_,
                              rd_kafka_topic_result_error_string(results[0])));
  }
}

std::uint64_t EpochMarkers::last_epoch(const std::string& pipe) {
  const Properties reading = {{"group.id", "weir-epochs"},
                              {"enable.auto.commit", "false"},
                              {"enable.partition.eof", "true"},
                              {"auto.offset.reset", "earliest"}};
  Properties unfinished = reading;
  unfinished.emplace_back("isolation.level", "read_uncommitted");
  Client ends(settings_, RD_KAFKA_CONSUMER, unfinished, log_);
  Client client(settings_, RD_KAFKA_CONSUMER, reading, log_);

  // The true ends first: an open transaction hides what a reader of committed messages takes for the end.
  std::map<int, std::int64_t> end;
  const auto partitions = [&] {
    const rd_kafka_metadata_t* raw = nullptr;
    rd_kafka_topic_t* topic = rd_kafka_topic_new(ends.get(), topic_.c_str(), nullptr);
    const rd_kafka_resp_err_t code = rd_kafka_metadata(ends.get(), 0, topic, &raw, slice_ms * 5);
    rd_kafka_topic_destroy(topic);
    const Metadata metadata(raw);
    if (code != RD_KAFKA_RESP_ERR_NO_ERROR || metadata->topic_cnt != 1) return 0;
    return metadata->topics[0].err == RD_KAFKA_RESP_ERR_NO_ERROR ? metadata->topics[0].partition_cnt : 0;
  };
  const auto pause = [&](Client& of) {
    rd_kafka_poll(of.get(), 0);
    of.connection().check();
    meanwhile_();
  };
  int count = 0;
  while ((count = partitions()) == 0) pause(ends);
  const PartitionList list(rd_kafka_topic_partition_list_new(count));
  for (int partition = 0; partition < count; ++partition) {
    std::int64_t low = 0;
    std::int64_t high = 0;
    while (rd_kafka_query_watermark_offsets(ends.get(), topic_.c_str(), partition, &low, &high, slice_ms * 5) !=
           RD_KAFKA_RESP_ERR_NO_ERROR)
      pause(ends);
    if (high > low) end[partition] = high;
    rd_kafka_topic_partition_list_add(list.get(), topic_.c_str(), partition)->offset = RD_KAFKA_OFFSET_BEGINNING;
  }

  std::uint64_t last = 0;
  rd_kafka_assign(client.get(), list.get());
  while (!end.empty()) {
    const std::unique_ptr<rd_kafka_message_t, decltype(&rd_kafka_message_destroy)> message(
        rd_kafka_consumer_poll(client.get(), slice_ms), rd_kafka_message_destroy);
    meanwhile_();
    client.connection().check();
    if (!message) continue;
    if (message->err == RD_KAFKA_RESP_ERR__PARTITION_EOF) {
      const auto found = end.find(message->partition);
      if (found != end.end() && message->offset >= found->second) end.erase(found);
    } else if (message->err == RD_KAFKA_RESP_ERR_NO_ERROR) {
      const std::string_view key(static_cast<const char*>(message->key), message->key == nullptr ? 0 : message->key_len);
      const std::string_view value(static_cast<const char*>(message->payload),
                                   message->payload == nullptr ? 0 : message->len);
      if (key == pipe) last = std::max(last, epoch_of(value));
    }
  }
  rd_kafka_assign(client.get(), nullptr);
  return last;
}

}  // namespace weir::kafka
