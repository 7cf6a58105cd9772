#include "net/kafka/open_transactions.hpp"

#include <fmt/format.h>

#include <chrono>
#include <cstddef>
#include <cstdint>

#include "net/kafka/handle.hpp"

namespace weir::kafka {
namespace {

constexpr int slice_ms = 500;
/// What the library takes instead of a time for the offset behind the last message.
constexpr std::int64_t latest = -1;

Properties reading(const char* isolation) {
  return {{"group.id", "weir-epochs"}, {"socket.timeout.ms", request_timeout_ms}, {"isolation.level", isolation}};
}

/// What a request got: what it is about, for a message, and the error of its answer.
struct Answer {
  std::string place;
  rd_kafka_resp_err_t code = RD_KAFKA_RESP_ERR_NO_ERROR;
};

/// Repeats a request until its answer has no error. A wait is reported after ten seconds, and then once a minute.
template <typename Request>
void until_answered(const Client& client, Log& log, const std::function<void()>& meanwhile, Request request) {
  auto report_at = std::chrono::steady_clock::now() + std::chrono::seconds(10);
  for (;;) {
    const Answer answer = request();
    if (answer.code == RD_KAFKA_RESP_ERR_NO_ERROR) return;
    client.check();
    meanwhile();
    const auto now = std::chrono::steady_clock::now();
    if (now < report_at) continue;
    report_at = now + std::chrono::minutes(1);
    log.warn(
        fmt::format("waiting for {}, to look for open transactions: {}", answer.place, rd_kafka_err2str(answer.code)));
  }
}

/// Adds the partitions of a topic to a list.
void add_partitions(const Client& client, const std::string& topic, rd_kafka_topic_partition_list_t& list, Log& log,
                    const std::function<void()>& meanwhile) {
  const Topic handle(rd_kafka_topic_new(client.get(), topic.c_str(), nullptr));
  if (!handle) return;  // no topic's name
  until_answered(client, log, meanwhile, [&] {
    Answer answer{fmt::format("the topic {}", topic)};
    const rd_kafka_metadata_t* raw = nullptr;
    answer.code = rd_kafka_metadata(client.get(), 0, handle.get(), &raw, slice_ms);
    if (answer.code != RD_KAFKA_RESP_ERR_NO_ERROR) return answer;
    const Metadata metadata(raw);
    const rd_kafka_metadata_topic_t& found = raw->topics[0];
    // Its leaders are being elected. Any other error is the topic's own, which sending to it meets as well.
    if (found.err == RD_KAFKA_RESP_ERR_LEADER_NOT_AVAILABLE) answer.code = found.err;
    if (found.err != RD_KAFKA_RESP_ERR_NO_ERROR) return answer;
    for (int i = 0; i < found.partition_cnt; ++i)
      rd_kafka_topic_partition_list_add(&list, topic.c_str(), found.partitions[i].id);
    return answer;
  });
}

/// The offset of each partition in the list at which a reader of this isolation stops.
std::vector<std::int64_t> ends(const Client& client, const rd_kafka_topic_partition_list_t& list, Log& log,
                               const std::function<void()>& meanwhile) {
  std::vector<std::int64_t> offsets;
  until_answered(client, log, meanwhile, [&] {
    const PartitionList asked(rd_kafka_topic_partition_list_copy(&list));
    for (int i = 0; i < asked->cnt; ++i) asked->elems[i].offset = latest;
    Answer answer{fmt::format("the topic {}", list.elems[0].topic)};
    answer.code = rd_kafka_offsets_for_times(client.get(), asked.get(), slice_ms);
    if (answer.code != RD_KAFKA_RESP_ERR_NO_ERROR) return answer;
    offsets.clear();
    for (int i = 0; i < asked->cnt; ++i) {
      const rd_kafka_topic_partition_t& each = asked->elems[i];
      if (each.err != RD_KAFKA_RESP_ERR_NO_ERROR)
        return Answer{fmt::format("partition {} of the topic {}", each.partition, each.topic), each.err};
      offsets.push_back(each.offset);
    }
    return answer;
  });
  return offsets;
}

}  // namespace

std::vector<Partition> open_transactions(const Settings& settings, std::span<const std::string> topics, Log& log,
                                         const std::function<void()>& meanwhile) {
  std::vector<Partition> open;
  const PartitionList list(rd_kafka_topic_partition_list_new(static_cast<int>(topics.size())));
  const Client all(settings, RD_KAFKA_CONSUMER, reading("read_uncommitted"), log);
  for (const std::string& topic : topics) add_partitions(all, topic, *list, log, meanwhile);
  if (list->cnt == 0) return open;
  // The end first: what comes after it does not count.
  const std::vector<std::int64_t> end = ends(all, *list, log, meanwhile);
  const Client committed(settings, RD_KAFKA_CONSUMER, reading("read_committed"), log);
  const std::vector<std::int64_t> stable = ends(committed, *list, log, meanwhile);
  for (std::size_t i = 0; i < end.size(); ++i)
    if (stable[i] < end[i]) open.push_back({list->elems[i].topic, list->elems[i].partition});
  return open;
}

}  // namespace weir::kafka
