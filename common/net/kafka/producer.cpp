#include "net/kafka/producer.hpp"

#include <fmt/format.h>

#include <array>
#include <bit>
#include <cstdlib>
#include <deque>
#include <exception>
#include <stdexcept>
#include <unordered_map>
#include <utility>

#include "net/kafka/handle.hpp"
#include "net/kafka/message_errors.hpp"

namespace weir::kafka {
namespace {

/// The pause between two attempts to send a message whose topic some broker does not know yet.
constexpr auto again_interval = std::chrono::milliseconds(100);

/// A commit that takes longer may have been sent again: the library's requests time out after a minute.
constexpr auto long_commit = std::chrono::seconds(30);

/// The library keeps this much beside what its caller holds back.
constexpr const char* most_queued = "100000";

}  // namespace

struct Producer::Impl {
  using clock = std::chrono::steady_clock;
  struct KnownTopic {
    Topic handle;
    clock::time_point since = clock::now();
    bool delivered = false;  ///< it exists
  };
  /// A message that is to be sent again.
  struct Again {
    rd_kafka_topic_t* topic;
    std::string payload, key;
    Message message;  ///< but for the texts
    rd_kafka_headers_t* headers;
    rd_kafka_resp_err_t reason;
  };
  struct Commit {
    clock::time_point begun;
    std::uint64_t errors = 0;  ///< of connections, before it
  };

  Impl(const Settings& settings, ProducerHandler& owner, Log& log)
      : handler(owner),
        connection(settings.connection, log),
        transactional_id(settings.transactional_id),
        batch_size(settings.batch_size) {
    Conf conf = common_configuration(settings.connection);
    set(*conf, "enable.idempotence", "true");
    set(*conf, "queue.buffering.max.messages", most_queued);
    set(*conf, "batch.size", std::to_string(batch_size));
    if (!settings.transactional_id.empty()) {
      set(*conf, "transactional.id", settings.transactional_id);
      set(*conf, "transaction.timeout.ms", std::to_string(settings.transaction_timeout.count()));
    } else {
      // A message waits for its broker as long as the run does: check() ends both.
      set(*conf, "message.timeout.ms", "0");
    }
    for (const auto& [name, value] : settings.properties) set(*conf, name, value);
    for (const auto& [name, value] : settings.connection.properties) set(*conf, name, value);
    rd_kafka_conf_set_opaque(conf.get(), this);
    rd_kafka_conf_set_error_cb(conf.get(), [](rd_kafka_t*, int code, const char* reason, void* opaque) {
      static_cast<Impl*>(opaque)->connection.on_error(static_cast<rd_kafka_resp_err_t>(code), reason);
    });
    rd_kafka_conf_set_dr_msg_cb(conf.get(), [](rd_kafka_t*, const rd_kafka_message_t* message, void* opaque) {
      static_cast<Impl*>(opaque)->on_report(*message);
    });
    std::array<char, 512> reason{};
    client.reset(rd_kafka_new(RD_KAFKA_PRODUCER, conf.get(), reason.data(), reason.size()));
    if (!client) throw Refused(reason.data());
    static_cast<void>(conf.release());  // the client owns it now
    queue.reset(rd_kafka_queue_get_main(client.get()));
    wakeup.emplace(*queue);
  }

  ~Impl() {
    // What is still queued was not acknowledged: the caller has counted it, or the run has failed.
    rd_kafka_purge(client.get(), RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT);
    for (const Again& each : again)
      if (each.headers != nullptr) rd_kafka_headers_destroy(each.headers);
  }

  /// Whether a topic that a broker does not know may be a new one, or one that this broker has not learned of. The
  /// library takes the answer of one broker that lags behind for the truth as soon as it has seen the topic
  /// (librdkafka#4970, in 2.0 and 2.8).
  bool may_exist(const rd_kafka_topic_t* topic) const {
    const auto found = topics.find(rd_kafka_topic_name(topic));
    return found != topics.end() && (found->second.delivered || clock::now() - found->second.since < propagation);
  }

  /// Keeps a message that is sent again, and its headers. Its number is in flight.
  void keep(rd_kafka_topic_t* topic, const Message& message, rd_kafka_headers_t* headers, rd_kafka_resp_err_t reason) {
    if (again.empty()) again_since = again_at = clock::now();
    again.push_back({topic, std::string(message.payload.value_or("")), std::string(message.key.value_or("")), message,
                     headers, reason});
    again.back().message.topic = nullptr;
    again.back().message.headers = {};
    ++in_flight;
  }

  /// As above, for a message that the library reports.
  void keep(const rd_kafka_message_t& report) {
    Message message;
    if (report.payload != nullptr) message.payload = {static_cast<const char*>(report.payload), report.len};
    if (report.key != nullptr) message.key = {static_cast<const char*>(report.key), report.key_len};
    message.number = std::bit_cast<std::uint64_t>(report._private);
    rd_kafka_timestamp_type_t type{};
    if (const auto at = rd_kafka_message_timestamp(&report, &type); at > 0)
      message.timestamp = std::chrono::milliseconds(at);
    rd_kafka_headers_t* headers = nullptr;
    auto* const mine = const_cast<rd_kafka_message_t*>(&report);  // the library's until this report ends
    if (rd_kafka_message_detach_headers(mine, &headers) != RD_KAFKA_RESP_ERR_NO_ERROR) headers = nullptr;
    keep(report.rkt, message, headers, report.err);
  }

  /// Sends the kept messages, in their order; nothing else is sent before them.
  void send_again() {
    if (again.empty() || clock::now() < again_at) return;
    again_at = clock::now() + again_interval;
    const rd_kafka_metadata_t* raw = nullptr;
    rd_kafka_metadata(client.get(), 0, again.front().topic, &raw, static_cast<int>(again_interval.count()));
    const Metadata metadata(raw);
    for (; !again.empty(); again.pop_front()) {
      Again& each = again.front();
      if (each.message.payload) each.message.payload = each.payload;
      if (each.message.key) each.message.key = each.key;
      const Error error(produce(each.topic, each.message, each.headers));
      if (!error) continue;
      if (rd_kafka_error_code(error.get()) == RD_KAFKA_RESP_ERR__QUEUE_FULL || clock::now() - again_since < propagation)
        return;
      if (each.headers != nullptr) rd_kafka_headers_destroy(each.headers);
      --in_flight;
      KnownTopic& known = topics[rd_kafka_topic_name(each.topic)];
      known.delivered = false;
      known.since = clock::now() - propagation;  // the next message is refused at once
      handler.on_refused(each.message.number, rd_kafka_err2str(each.reason));
    }
  }

  /// Hands a message to the library, which copies its bytes; the headers are the library's once there is no error.
  rd_kafka_error_t* produce(rd_kafka_topic_t* topic, const Message& message, rd_kafka_headers_t* headers) {
    std::array<rd_kafka_vu_t, 8> parts;
    std::size_t count = 0;
    const auto add = [&](rd_kafka_vtype_t type) -> auto& {
      parts[count].vtype = type;
      return parts[count++].u;
    };
    const auto bytes = [&](rd_kafka_vtype_t type, const std::optional<std::string_view>& text) {
      auto& memory = add(type).mem;
      // The library does not write to them. A null pointer is a missing key or a tombstone.
      memory.ptr = text ? const_cast<char*>(text->empty() ? "" : text->data()) : nullptr;
      memory.size = text ? text->size() : 0;
    };
    add(RD_KAFKA_VTYPE_RKT).rkt = topic;
    add(RD_KAFKA_VTYPE_MSGFLAGS).i = RD_KAFKA_MSG_F_COPY;
    bytes(RD_KAFKA_VTYPE_VALUE, message.payload);
    bytes(RD_KAFKA_VTYPE_KEY, message.key);
    add(RD_KAFKA_VTYPE_OPAQUE).ptr = std::bit_cast<void*>(message.number);
    if (message.partition) add(RD_KAFKA_VTYPE_PARTITION).i32 = *message.partition;
    if (message.timestamp) add(RD_KAFKA_VTYPE_TIMESTAMP).i64 = message.timestamp->count();
    if (headers != nullptr) add(RD_KAFKA_VTYPE_HEADERS).headers = headers;
    return rd_kafka_produceva(client.get(), parts.data(), count);
  }

  /// A delivery report. An exception is kept until the library has returned: it must not pass through C.
  void on_report(const rd_kafka_message_t& message) noexcept {
    --in_flight;
    const auto number = std::bit_cast<std::uint64_t>(message._private);
    try {
      if (message.err == RD_KAFKA_RESP_ERR_NO_ERROR) {
        connection.on_answer();
        if (message.rkt != last_delivered) {
          last_delivered = message.rkt;
          if (const auto found = topics.find(rd_kafka_topic_name(message.rkt)); found != topics.end())
            found->second.delivered = true;
        }
        handler.on_delivered(number);
      } else if (is_unknown_topic(message.err) && may_exist(message.rkt)) {
        if (transactional_id.empty())
          keep(message);
        else if (failure.empty())  // the run is started again, and the epoch is sent again
          failure = fmt::format("a broker does not know the topic {} yet", rd_kafka_topic_name(message.rkt));
      } else if (message.err == RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE && message.len + message.key_len < batch_size) {
        if (refused.empty())
          refused = fmt::format(
              "the topic {} takes no batch of --batch-size {}: give it less than max.message.bytes of the "
              "topic",
              rd_kafka_topic_name(message.rkt), batch_size);
      } else if (is_refusal(message.err)) {
        connection.on_answer();
        refused_one = true;
        handler.on_refused(number, rd_kafka_err2str(message.err));
      } else if (message.err != RD_KAFKA_RESP_ERR__PURGE_QUEUE && message.err != RD_KAFKA_RESP_ERR__PURGE_INFLIGHT &&
                 failure.empty()) {
        failure = rd_kafka_err2str(message.err);
      }
    } catch (...) {
      if (!thrown) thrown = std::current_exception();
    }
  }

  void check() {
    if (thrown) std::rethrow_exception(std::exchange(thrown, nullptr));
    std::array<char, 512> reason{};
    const rd_kafka_resp_err_t fatal = rd_kafka_fatal_error(client.get(), reason.data(), reason.size());
    if (fatal != RD_KAFKA_RESP_ERR_NO_ERROR) throw Fenced(text_of(fatal, reason.data()));
    connection.check();
    if (!refused.empty()) throw Refused(refused);
    if (!failure.empty()) throw Fenced(fmt::format("a message could not be delivered: {}", failure));
  }

  /// The reason of a fatal error, for a person.
  std::string text_of(rd_kafka_resp_err_t code, const char* reason) const {
    if (code != RD_KAFKA_RESP_ERR__FENCED && code != RD_KAFKA_RESP_ERR_INVALID_PRODUCER_EPOCH) return reason;
    return fmt::format(
        "another producer has taken over the transactional id {}, or a transaction was open for too long ({})",
        transactional_id, reason);
  }
  std::string text_of(const rd_kafka_error_t* error) const {
    return text_of(rd_kafka_error_code(error), rd_kafka_error_string(error));
  }

  void poll() {
    rd_kafka_poll(client.get(), 0);
    send_again();
    check();
  }

  /// Aborts the transaction. The library does not while it owes reports of messages. An abort that does not end in time
  /// leaves a producer that must not be used again: the run ends, with `before` in its message.
  void abort(const std::string& before) {
    rd_kafka_purge(client.get(), RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT);
    for (int i = 0; i < 100 && in_flight > 0; ++i) rd_kafka_poll(client.get(), 100);
    if (const Error failed(rd_kafka_abort_transaction(client.get(), 10'000)); failed)
      throw Fenced(before + rd_kafka_error_string(failed.get()));
    rd_kafka_poll(client.get(), 0);
    check();
  }

  /// Whether a refused message has ended the transaction. The library knows it before the message is reported.
  bool has_ended() {
    for (int i = 0; i < 20 && !refused_one; ++i) {
      rd_kafka_poll(client.get(), 50);
      check();
    }
    return refused_one;
  }

  /// The library's handle of a topic, which is kept: a look-up for each message takes locks. Null: no topic's name.
  rd_kafka_topic_t* topic(const std::string& name) {
    if (last_topic != nullptr && name == rd_kafka_topic_name(last_topic)) return last_topic;
    KnownTopic& known = topics[name];
    if (!known.handle) known.handle.reset(rd_kafka_topic_new(client.get(), name.c_str(), nullptr));
    last_topic = known.handle.get();
    return last_topic;
  }

  ProducerHandler& handler;
  Connection connection;
  const std::string transactional_id;
  const std::uint64_t batch_size;
  Handle client;
  std::unordered_map<std::string, KnownTopic> topics;
  const rd_kafka_topic_t* last_delivered = nullptr;
  std::deque<Again> again;  ///< messages whose topic some broker does not know yet
  clock::time_point again_since{}, again_at{};
  rd_kafka_topic_t* last_topic = nullptr;
  Queue queue;
  std::optional<Wakeup> wakeup;
  std::uint64_t in_flight = 0;
  std::optional<Commit> commit;  ///< under way
  /// The library has sent the last commit again. The first request may still reach the broker, which would take it for
  /// the next transaction's (KIP-890 is not in the library): a new run takes over the transactional id first.
  bool worn = false;
  bool refused_one = false;  ///< a message of this transaction
  std::string refused;       ///< a batch, for good
  std::string failure;
  std::exception_ptr thrown;
};

Producer::Producer(const Settings& settings, ProducerHandler& handler, Log& log)
    : impl_(std::make_unique<Impl>(settings, handler, log)) {}
Producer::~Producer() = default;

int Producer::prepare(const std::string& topic) {
  rd_kafka_topic_t* const handle = impl_->topic(topic);
  if (handle == nullptr) return 0;  // no topic's name: sending reports it
  const rd_kafka_metadata_t* raw = nullptr;
  rd_kafka_metadata(impl_->client.get(), 0, handle, &raw, 500);
  const Metadata metadata(raw);
  return metadata && metadata->topic_cnt == 1 ? metadata->topics[0].partition_cnt : 0;
}

Producer::Sent Producer::send(const Message& message) {
  if (!impl_->again.empty()) return Sent::full;
  rd_kafka_topic_t* const topic = impl_->topic(*message.topic);
  if (topic == nullptr) throw std::invalid_argument(fmt::format("{} cannot be a topic", *message.topic));
  rd_kafka_headers_t* headers = nullptr;
  if (!message.headers.empty()) {
    headers = rd_kafka_headers_new(message.headers.size());
    for (const Header& header : message.headers)
      rd_kafka_header_add(headers, header.name.data(), static_cast<ssize_t>(header.name.size()), header.value.data(),
                          static_cast<ssize_t>(header.value.size()));
  }
  const Error error(impl_->produce(topic, message, headers));
  if (!error) {
    ++impl_->in_flight;
    return Sent::yes;
  }
  const rd_kafka_resp_err_t code = rd_kafka_error_code(error.get());
  if (is_unknown_topic(code) && impl_->may_exist(topic) && impl_->transactional_id.empty()) {
    impl_->keep(topic, message, headers, code);
    return Sent::yes;
  }
  if (headers != nullptr) rd_kafka_headers_destroy(headers);
  if (code == RD_KAFKA_RESP_ERR__QUEUE_FULL) return Sent::full;
  if (is_refusal(code)) throw std::invalid_argument(rd_kafka_err2str(code));
  impl_->check();
  if (code != RD_KAFKA_RESP_ERR__STATE) throw Fenced(rd_kafka_err2str(code));
  if (impl_->has_ended()) return Sent::ended;
  const Error why(rd_kafka_commit_transaction(impl_->client.get(), 0));  // which tells what has ended it
  throw Fenced(why ? impl_->text_of(why.get()) : rd_kafka_err2str(code));
}

void Producer::poll() { impl_->poll(); }

void Producer::wait(std::span<pollfd> also, std::chrono::milliseconds limit) {
  // Library errors that are due with time, such as --retry-for, need a look now and then.
  constexpr std::chrono::milliseconds longest(500);
  impl_->wakeup->wait(also, limit.count() < 0 || limit > longest ? longest : limit);
  impl_->poll();
}

std::uint64_t Producer::in_flight() const { return impl_->in_flight; }

bool Producer::take_over(std::chrono::milliseconds limit) {
  const Error error(rd_kafka_init_transactions(impl_->client.get(), static_cast<int>(limit.count())));
  rd_kafka_poll(impl_->client.get(), 0);
  if (!error) {
    impl_->connection.on_answer();
    return true;
  }
  if (!rd_kafka_error_is_retriable(error.get())) throw Refused(rd_kafka_error_string(error.get()));
  impl_->check();
  return false;
}

void Producer::begin_transaction() {
  if (impl_->worn)
    throw Fenced("a connection broke during the last commit, so that a late request could end this transaction, too");
  impl_->refused_one = false;
  if (const Error error(rd_kafka_begin_transaction(impl_->client.get())); error)
    throw Fenced(impl_->text_of(error.get()));
}

std::chrono::milliseconds Producer::transaction_timeout() const {
  std::array<char, 32> text{};
  std::size_t size = text.size();
  rd_kafka_conf_get(rd_kafka_conf(impl_->client.get()), "transaction.timeout.ms", text.data(), &size);
  return std::chrono::milliseconds(std::atoll(text.data()));
}

Producer::Outcome Producer::commit_transaction(std::chrono::milliseconds limit) {
  const int milliseconds = static_cast<int>(limit.count());
  if (!impl_->commit) impl_->commit = {Impl::clock::now(), impl_->connection.errors()};
  const Error error(rd_kafka_commit_transaction(impl_->client.get(), milliseconds));
  rd_kafka_poll(impl_->client.get(), 0);
  if (!error) {
    impl_->worn =
        impl_->connection.errors() != impl_->commit->errors || Impl::clock::now() - impl_->commit->begun > long_commit;
    impl_->commit.reset();
    return Outcome::done;
  }
  if (rd_kafka_error_txn_requires_abort(error.get())) {
    impl_->commit.reset();
    impl_->abort(impl_->text_of(error.get()) + "; ");
    return Outcome::aborted;
  }
  impl_->check();
  if (rd_kafka_error_is_retriable(error.get())) return Outcome::again;
  throw Fenced(impl_->text_of(error.get()));
}

void Producer::abort_transaction() { impl_->abort(""); }

}  // namespace weir::kafka
