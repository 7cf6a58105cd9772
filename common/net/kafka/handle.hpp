// librdkafka's objects, owned; private to this room.
#pragma once
#include <librdkafka/rdkafka.h>
#include <poll.h>

#include <chrono>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "net/kafka/settings.hpp"
#include "record/log.hpp"
#include "state/descriptor.hpp"

namespace weir::kafka {

struct Destroy {
  void operator()(rd_kafka_conf_t* conf) const { rd_kafka_conf_destroy(conf); }
  void operator()(rd_kafka_t* client) const { rd_kafka_destroy(client); }
  void operator()(rd_kafka_queue_t* queue) const { rd_kafka_queue_destroy(queue); }
  void operator()(rd_kafka_error_t* error) const { rd_kafka_error_destroy(error); }
  void operator()(rd_kafka_topic_partition_list_t* list) const { rd_kafka_topic_partition_list_destroy(list); }
  void operator()(rd_kafka_topic_t* topic) const { rd_kafka_topic_destroy(topic); }
  void operator()(const rd_kafka_metadata_t* metadata) const { rd_kafka_metadata_destroy(metadata); }
};
using Conf = std::unique_ptr<rd_kafka_conf_t, Destroy>;
using Handle = std::unique_ptr<rd_kafka_t, Destroy>;
using Queue = std::unique_ptr<rd_kafka_queue_t, Destroy>;
using Error = std::unique_ptr<rd_kafka_error_t, Destroy>;
using PartitionList = std::unique_ptr<rd_kafka_topic_partition_list_t, Destroy>;
using Topic = std::unique_ptr<rd_kafka_topic_t, Destroy>;
using Metadata = std::unique_ptr<const rd_kafka_metadata_t, Destroy>;

/// Sets a property; throws Refused with the library's reason.
void set(rd_kafka_conf_t& conf, const std::string& name, const std::string& value);

/// The properties of `settings`, and what every client has in common. `settings.properties` are left to the caller, who
/// sets them last; so are the callbacks.
Conf common_configuration(const Settings& settings);

/// The state of the connection as the library's errors tell it: reported when it is lost and when it is back, and
/// thrown once a retry cannot help.
class Connection {
 public:
  Connection(const Settings& settings, Log& log) : settings_(settings), log_(log) {}

  /// From the library's error callback.
  void on_error(rd_kafka_resp_err_t code, std::string_view reason);
  /// A broker has answered.
  void on_answer();
  /// Throws Refused or Unreachable where that is due.
  void check() const;
  const std::string& brokers() const { return settings_.brokers; }
  /// How many errors of connections there were.
  std::uint64_t errors() const { return errors_; }

 private:
  using clock = std::chrono::steady_clock;
  Settings settings_;
  Log& log_;
  std::string refused_;
  std::string last_error_;
  std::uint64_t errors_ = 0;
  clock::time_point down_since_ = clock::now();
  clock::time_point report_at_ = clock::now();
  bool down_ = false;
  bool reported_ = false;
};

/// How long such a client waits for the answer to one request, before it sends the request again.
inline constexpr const char* request_timeout_ms = "10000";

/// A client that asks or reads now and then, without callbacks of its own.
class Client {
 public:
  /// `properties` come before those of `settings`. Throws Refused.
  Client(const Settings& settings, rd_kafka_type_t type, const Properties& properties, Log& log);
  rd_kafka_t* get() const { return client_.get(); }
  /// Calls the library's callbacks; throws Refused or Unreachable where that is due.
  void check() const;

 private:
  std::unique_ptr<Connection> connection_;  ///< the library keeps its address
  Handle client_;
};

/// A descriptor that becomes readable when a queue gets something.
class Wakeup {
 public:
  explicit Wakeup(rd_kafka_queue_t& queue);
  /// Waits for the queue, `also`, or the limit (negative: none).
  void wait(std::span<pollfd> also, std::chrono::milliseconds limit);
  /// Ends a wait, from any thread.
  void wake() const;

 private:
  state::Descriptor event_;
  std::vector<pollfd> descriptors_;
};

}  // namespace weir::kafka
