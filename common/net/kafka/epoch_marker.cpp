#include "net/kafka/epoch_marker.hpp"

#include <fmt/format.h>

#include <charconv>
#include <memory>
#include <string_view>
#include <utility>

#include "net/kafka/admin.hpp"
#include "net/kafka/errors.hpp"
#include "net/kafka/handle.hpp"

namespace weir::kafka {
namespace {

/// How long a call may last before `meanwhile` gets its turn.
constexpr int slice_ms = 200;
constexpr std::string_view before_epoch = R"({"epoch":)";

std::uint64_t epoch_of(std::string_view value) {
  std::uint64_t epoch = 0;
  if (value.starts_with(before_epoch)) value.remove_prefix(before_epoch.size());
  const auto read = std::from_chars(value.data(), value.data() + value.size(), epoch);
  return read.ec == std::errc() ? epoch : 0;
}

}  // namespace

EpochMarkers::EpochMarkers(Settings settings, std::string topic, Log& log, std::function<void()> meanwhile)
    : settings_(std::move(settings)), topic_(std::move(topic)), log_(log), meanwhile_(std::move(meanwhile)) {}

std::string EpochMarkers::value(std::uint64_t epoch, const std::string& run) {
  return fmt::format(R"({}{},"run":"{}"}})", before_epoch, epoch, run);
}

void EpochMarkers::make_topic() {
  Admin admin(settings_, log_, meanwhile_);
  NewTopic wanted;
  wanted.name = topic_;
  wanted.configuration = {{"cleanup.policy", "compact"}};
  if (admin.make_topic(wanted) == Admin::Made::yes) return;
  const std::string policy = admin.setting_of_topic(topic_, "cleanup.policy");
  if (policy.find("compact") == std::string::npos)
    throw Refused(
        fmt::format("the topic {} of the epochs has cleanup.policy={}, which removes old epochs: set it to compact",
                    topic_, policy));
}

std::uint64_t EpochMarkers::last_epoch(const std::string& pipe) {
  const Properties reading = {{"group.id", "weir-epochs"},
                              {"enable.auto.commit", "false"},
                              {"enable.partition.eof", "true"},
                              {"fetch.wait.max.ms", "10"},
                              {"auto.offset.reset", "earliest"}};
  Properties unfinished = reading;
  unfinished.emplace_back("isolation.level", "read_uncommitted");

  // The true end first: an open transaction hides what a reader of committed messages takes for the end.
  std::int64_t end = 0;
  {
    const Client ends(settings_, RD_KAFKA_CONSUMER, unfinished, log_);
    std::int64_t low = 0;
    while (rd_kafka_query_watermark_offsets(ends.get(), topic_.c_str(), partition, &low, &end, slice_ms * 5) !=
           RD_KAFKA_RESP_ERR_NO_ERROR) {
      ends.check();
      meanwhile_();
    }
    if (end == low) return 0;
  }

  std::uint64_t last = 0;
  const Client client(settings_, RD_KAFKA_CONSUMER, reading, log_);
  const PartitionList list(rd_kafka_topic_partition_list_new(1));
  rd_kafka_topic_partition_list_add(list.get(), topic_.c_str(), partition)->offset = RD_KAFKA_OFFSET_BEGINNING;
  rd_kafka_assign(client.get(), list.get());
  for (;;) {
    const std::unique_ptr<rd_kafka_message_t, decltype(&rd_kafka_message_destroy)> message(
        rd_kafka_consumer_poll(client.get(), slice_ms), rd_kafka_message_destroy);
    meanwhile_();
    client.check();
    if (!message) continue;
    if (message->err == RD_KAFKA_RESP_ERR__PARTITION_EOF && message->offset >= end) break;
    if (message->err != RD_KAFKA_RESP_ERR_NO_ERROR) continue;
    const auto text = [](const void* bytes, std::size_t size) {
      return std::string_view(static_cast<const char*>(bytes), bytes == nullptr ? 0 : size);
    };
    // The last one counts; a tombstone begins anew.
    if (text(message->key, message->key_len) == pipe) last = epoch_of(text(message->payload, message->len));
  }
  rd_kafka_assign(client.get(), nullptr);
  return last;
}

}  // namespace weir::kafka
