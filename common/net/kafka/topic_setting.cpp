#include "net/kafka/topic_setting.hpp"

#include <cstddef>
#include <memory>

#include "net/kafka/handle.hpp"

namespace weir::kafka {
namespace {

constexpr int slice_ms = 200;

std::string value_of(const rd_kafka_ConfigResource_t& resource, const std::string& name) {
  std::size_t entries = 0;
  const auto* const* all = rd_kafka_ConfigResource_configs(&resource, &entries);
  for (std::size_t i = 0; i < entries; ++i)
    if (rd_kafka_ConfigEntry_name(all[i]) == name)
      if (const char* value = rd_kafka_ConfigEntry_value(all[i]); value != nullptr) return value;
  return {};
}

}  // namespace

Described setting_of(rd_kafka_t& client, const std::string& topic, const std::string& name,
                     const std::function<void()>& meanwhile) {
  const std::unique_ptr<rd_kafka_ConfigResource_t, decltype(&rd_kafka_ConfigResource_destroy)> resource(
      rd_kafka_ConfigResource_new(RD_KAFKA_RESOURCE_TOPIC, topic.c_str()), rd_kafka_ConfigResource_destroy);
  rd_kafka_ConfigResource_t* raw = resource.get();
  const Queue queue(rd_kafka_queue_new(&client));
  rd_kafka_DescribeConfigs(&client, &raw, 1, nullptr, queue.get());
  std::unique_ptr<rd_kafka_event_t, decltype(&rd_kafka_event_destroy)> event(nullptr, rd_kafka_event_destroy);
  while (!event) {  // an error, once the library's time limit has passed
    event.reset(rd_kafka_queue_poll(queue.get(), slice_ms));
    if (!event) meanwhile();
  }
  Described described;
  described.error = rd_kafka_event_error(event.get());
  described.answered =
      described.error != RD_KAFKA_RESP_ERR__TIMED_OUT && described.error != RD_KAFKA_RESP_ERR__TRANSPORT;
  if (described.error != RD_KAFKA_RESP_ERR_NO_ERROR) {
    described.reason = rd_kafka_err2str(described.error);
    return described;
  }
  std::size_t count = 0;
  const auto* const* resources =
      rd_kafka_DescribeConfigs_result_resources(rd_kafka_event_DescribeConfigs_result(event.get()), &count);
  if (count == 0) return described;
  described.error = rd_kafka_ConfigResource_error(resources[0]);
  if (described.error == RD_KAFKA_RESP_ERR_NO_ERROR)
    described.value = value_of(*resources[0], name);
  else if (const char* reason = rd_kafka_ConfigResource_error_string(resources[0]); reason != nullptr)
    described.reason = reason;
  return described;
}

}  // namespace weir::kafka
