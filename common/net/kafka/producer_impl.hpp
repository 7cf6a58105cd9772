// The inside of Producer: the library's producer, its reports and what is sent again; internal to the room.
#pragma once
#include <chrono>
#include <cstdint>
#include <deque>
#include <exception>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <unordered_map>
#include <utility>
#include <vector>

#include "net/kafka/commit_call.hpp"
#include "net/kafka/gathered.hpp"
#include "net/kafka/handle.hpp"
#include "net/kafka/producer.hpp"
#include "net/kafka/spread.hpp"

namespace weir::kafka {

struct Producer::Impl {
  using clock = std::chrono::steady_clock;
  using Sent = Producer::Sent;
  struct KnownTopic {
    Topic handle;
    clock::time_point since = clock::now();  ///< when it was first named, or found
    bool found = false;                      ///< the brokers have told of its partitions
    bool delivered = false;                  ///< it exists
    std::uint64_t most_bytes = 0;            ///< of a batch, where that is less than --batch-size; otherwise 0
    std::uint64_t bytes = 0;                 ///< in flight, while there are most_bytes
    std::optional<Spread> spread{};          ///< of messages without a key
  };
  /// A message that is to be sent again.
  struct Again {
    KnownTopic* topic;
    std::string payload, key;
    Message message;  ///< but for the texts
    rd_kafka_headers_t* headers;
    rd_kafka_resp_err_t reason;
  };
  /// The end of a transaction that is under way.
  struct Ending {
    clock::time_point begun;
    std::uint64_t errors = 0;  ///< of connections, before it
  };

  Impl(const Settings& settings, ProducerHandler& owner, Log& log);
  ~Impl();
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;

  void poll() {
    rd_kafka_poll(client.get(), 0);
    take_errors();
    send_again();
    hand_over();
    check();
  }
  void check();
  void on_error(rd_kafka_resp_err_t code, const char* reason);
  void take_errors();

  /// The library's handle of a topic, which is kept: a look-up for each message takes locks. Null: no topic's name.
  KnownTopic* topic(const std::string& name);
  static KnownTopic& topic_of(const rd_kafka_topic_t* handle) {
    return *static_cast<KnownTopic*>(rd_kafka_topic_opaque(handle));
  }
  static bool may_exist(const KnownTopic& topic);
  bool has_room(const KnownTopic& topic, const Message& message);
  bool is_too_large(const rd_kafka_message_t& report, const KnownTopic& topic) const;

  bool can_gather(const KnownTopic& topic, const Message& message) const;
  Sent gather(KnownTopic& topic, const Message& message);
  Sent hand_over();
  Sent fail_first(const rd_kafka_message_t& message);
  void drop_gathered();
  rd_kafka_error_t* produce(KnownTopic& topic, const Message& message, rd_kafka_headers_t* headers);
  Sent explain(rd_kafka_resp_err_t code);
  void keep(KnownTopic& topic, const Message& message, rd_kafka_headers_t* headers, rd_kafka_resp_err_t reason);
  void keep(const rd_kafka_message_t& report);
  void send_again();
  void on_report(const rd_kafka_message_t& message) noexcept;
  static std::string refusal(rd_kafka_resp_err_t code, const rd_kafka_topic_t* topic);

  Ending begin_ending() const { return {clock::now(), connection.errors()}; }
  bool may_have_been_sent_twice(const Ending& ending) const;
  void abort(const std::string& before, const Ending& ending);
  bool has_ended();

  /// The reason of a fatal error, for a person.
  std::string text_of(rd_kafka_resp_err_t code, const char* reason) const;
  std::string text_of(const rd_kafka_error_t* error) const {
    return text_of(rd_kafka_error_code(error), rd_kafka_error_string(error));
  }
  /// A property that the library has, a number.
  std::uint64_t property(const char* name) const;

  ProducerHandler& handler;
  Connection connection;
  const std::string transactional_id;
  const std::uint64_t batch_size;
  std::optional<Spreading> spreading;  ///< of every topic
  std::uint64_t most_message = 0;      ///< bytes; the library takes no larger one
  Handle client;
  std::unordered_map<std::string, KnownTopic> topics;
  std::deque<Again> again;  ///< messages whose topic some broker does not know yet
  clock::time_point again_since{}, again_at{};
  KnownTopic* last_topic = nullptr;
  Gathered gathered;  ///< to be handed over; they count as in flight
  KnownTopic* gathered_topic = nullptr;
  Queue queue;
  std::optional<Wakeup> wakeup;
  std::uint64_t in_flight = 0;
  std::optional<Ending> commit;           ///< under way
  std::optional<CommitCall> commit_call;  ///< its call, once nothing is in flight
  const std::thread::id thread = std::this_thread::get_id();
  std::mutex errors_mutex;
  std::vector<std::pair<rd_kafka_resp_err_t, std::string>> errors;  ///< of connections, told to commit_call's thread
  /// The library may have sent the end of the last transaction twice. The first request may still reach the broker,
  /// which would take it for the next transaction's (KIP-890 is not in the library): a new run takes over the id first.
  bool worn = false;
  bool refused_one = false;  ///< a message of this transaction
  bool unexplained = false;  ///< a transaction since the last commit was aborted without that
  std::string refused;       ///< a batch, for good
  std::string failure;
  std::exception_ptr thrown;
};

}  // namespace weir::kafka
