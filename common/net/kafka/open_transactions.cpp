#include "net/kafka/open_transactions.hpp"

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

/// Repeats a request until it returns true.
template <typename Request>
void until_answered(const Client& client, const std::function<void()>& meanwhile, Request request) {
  while (!request()) {
    client.check();
    meanwhile();
  }
}

/// Adds the partitions of a topic to a list.
void add_partitions(const Client& client, const std::string& topic, rd_kafka_topic_partition_list_t& list,
                    const std::function<void()>& meanwhile) {
  const Topic handle(rd_kafka_topic_new(client.get(), topic.c_str(), nullptr));
  if (!handle) return;  // no topic's name
  until_answered(client, meanwhile, [&] {
    const rd_kafka_metadata_t* raw = nullptr;
    if (rd_kafka_metadata(client.get(), 0, handle.get(), &raw, slice_ms) != RD_KAFKA_RESP_ERR_NO_ERROR) return false;
    const Metadata metadata(raw);
    const rd_kafka_metadata_topic_t& found = raw->topics[0];
    for (int i = 0; i < found.partition_cnt; ++i)
      rd_kafka_topic_partition_list_add(&list, topic.c_str(), found.partitions[i].id);
    return true;
  });
}

/// The offset of each partition in the list at which a reader of this isolation stops.
std::vector<std::int64_t> ends(const Client& client, const rd_kafka_topic_partition_list_t& list,
                               const std::function<void()>& meanwhile) {
  std::vector<std::int64_t> offsets;
  until_answered(client, meanwhile, [&] {
    const PartitionList asked(rd_kafka_topic_partition_list_copy(&list));
    for (int i = 0; i < asked->cnt; ++i) asked->elems[i].offset = latest;
    if (rd_kafka_offsets_for_times(client.get(), asked.get(), slice_ms) != RD_KAFKA_RESP_ERR_NO_ERROR) return false;
    offsets.clear();
    for (int i = 0; i < asked->cnt; ++i) {
      if (asked->elems[i].err != RD_KAFKA_RESP_ERR_NO_ERROR) return false;
      offsets.push_back(asked->elems[i].offset);
    }
    return true;
  });
  return offsets;
}

}  // namespace

std::vector<Place> open_transactions(const Settings& settings, std::span<const std::string> topics, Log& log,
                                     const std::function<void()>& meanwhile) {
  std::vector<Place> open;
  const PartitionList list(rd_kafka_topic_partition_list_new(static_cast<int>(topics.size())));
  const Client all(settings, RD_KAFKA_CONSUMER, reading("read_uncommitted"), log);
  for (const std::string& topic : topics) add_partitions(all, topic, *list, meanwhile);
  if (list->cnt == 0) return open;
  // The end first: what comes after it does not count.
  const std::vector<std::int64_t> end = ends(all, *list, meanwhile);
  const Client committed(settings, RD_KAFKA_CONSUMER, reading("read_committed"), log);
  const std::vector<std::int64_t> stable = ends(committed, *list, meanwhile);
  for (std::size_t i = 0; i < end.size(); ++i)
    if (stable[i] < end[i]) open.push_back({list->elems[i].topic, list->elems[i].partition});
  return open;
}

}  // namespace weir::kafka
