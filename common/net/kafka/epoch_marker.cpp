#include "net/kafka/epoch_marker.hpp"

#include <fmt/format.h>

#include <charconv>
#include <chrono>
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
/// A client that gets no further for this long is replaced by a new one, which knows nothing of what held it up.
constexpr std::chrono::seconds patience(10);
constexpr std::string_view before_epoch = R"({"epoch":)";

/// What the library is told for a reader of markers.
Properties properties(const char* isolation) {
  return {{"group.id", "weir-epochs"},
          {"enable.auto.commit", "false"},
          {"enable.partition.eof", "true"},
          {"fetch.wait.max.ms", "10"},
          {"auto.offset.reset", "earliest"},
          {"socket.timeout.ms", request_timeout_ms},
          {"isolation.level", isolation}};
}

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

/// Reports, once a minute, what is waited for.
void EpochMarkers::report_wait(std::string_view for_what) {
  const auto now = std::chrono::steady_clock::now();
  if (now < report_at_) return;
  report_at_ = now + std::chrono::minutes(1);
  log_.warn(fmt::format("waiting for the last epoch in partition {} of the topic {}: {}", partition, topic_, for_what));
}

/// The offset behind the partition's last message, committed or not, and that of its first one.
EpochMarkers::Range EpochMarkers::range() {
  for (;;) {
    const Client client(settings_, RD_KAFKA_CONSUMER, properties("read_uncommitted"), log_);
    Range found;
    rd_kafka_resp_err_t problem{};
    for (const auto until = std::chrono::steady_clock::now() + patience; std::chrono::steady_clock::now() < until;) {
      problem = rd_kafka_query_watermark_offsets(client.get(), topic_.c_str(), partition, &found.begin, &found.end,
                                                 slice_ms * 5);
      if (problem == RD_KAFKA_RESP_ERR_NO_ERROR) return found;
      client.check();
      meanwhile_();
    }
    report_wait(fmt::format("its end is not known: {}", rd_kafka_err2str(problem)));
  }
}

/// Reads the partition's committed messages up to `end`. Returns nothing where that has not been reached in time.
std::optional<std::uint64_t> EpochMarkers::read(const std::string& pipe, std::int64_t end) {
  std::uint64_t last = 0;
  std::int64_t reached = 0;
  const Client client(settings_, RD_KAFKA_CONSUMER, properties("read_committed"), log_);
  const PartitionList list(rd_kafka_topic_partition_list_new(1));
  rd_kafka_topic_partition_list_add(list.get(), topic_.c_str(), partition)->offset = RD_KAFKA_OFFSET_BEGINNING;
  rd_kafka_assign(client.get(), list.get());
  auto until = std::chrono::steady_clock::now() + patience;
  while (std::chrono::steady_clock::now() < until) {
    const std::unique_ptr<rd_kafka_message_t, decltype(&rd_kafka_message_destroy)> message(
        rd_kafka_consumer_poll(client.get(), slice_ms), rd_kafka_message_destroy);
    meanwhile_();
    client.check();
    if (!message) continue;
    if (message->offset > reached) {
      reached = message->offset;
      until = std::chrono::steady_clock::now() + patience;
    }
    if (message->err == RD_KAFKA_RESP_ERR__PARTITION_EOF && message->offset >= end) {
      rd_kafka_assign(client.get(), nullptr);
      return last;
    }
    if (message->err != RD_KAFKA_RESP_ERR_NO_ERROR) continue;
    const auto text = [](const void* bytes, std::size_t size) {
      return std::string_view(static_cast<const char*>(bytes), bytes == nullptr ? 0 : size);
    };
    // The last one counts; a tombstone begins anew.
    if (text(message->key, message->key_len) == pipe) last = epoch_of(text(message->payload, message->len));
  }
  report_wait(fmt::format("it is readable up to offset {}, and its end is {}: a transaction may be open", reached, end));
  return std::nullopt;
}

std::uint64_t EpochMarkers::last_epoch(const std::string& pipe) {
  // The true end first: an open transaction hides what a reader of committed messages takes for the end.
  const Range all = range();
  if (all.begin == all.end) return 0;
  for (;;)
    if (const auto last = read(pipe, all.end)) return *last;
}

}  // namespace weir::kafka
