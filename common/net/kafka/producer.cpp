#include "net/kafka/producer.hpp"

#include <fmt/format.h>

#include <array>
#include <bit>
#include <exception>
#include <stdexcept>
#include <unordered_map>
#include <utility>

#include "net/kafka/handle.hpp"

namespace weir::kafka {
namespace {

/// Whether the brokers refuse the message itself, so that others may still arrive.
bool is_refusal(rd_kafka_resp_err_t code) {
  switch (code) {
    case RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE:
    case RD_KAFKA_RESP_ERR_RECORD_LIST_TOO_LARGE:
    case RD_KAFKA_RESP_ERR_INVALID_MSG:
    case RD_KAFKA_RESP_ERR_INVALID_RECORD:
    case RD_KAFKA_RESP_ERR_INVALID_TIMESTAMP:
    case RD_KAFKA_RESP_ERR_TOPIC_EXCEPTION:
    case RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART:
    case RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED:
    case RD_KAFKA_RESP_ERR_POLICY_VIOLATION:
    case RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC:
    case RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION:
      return true;
    default:
      return false;
  }
}

/// A commit that takes longer may have been sent again: the library's requests time out after a minute.
constexpr auto long_commit = std::chrono::seconds(30);

/// The library keeps this much beside what its caller holds back.
constexpr const char* most_queued = "100000";

}  // namespace

struct Producer::Impl {
  using clock = std::chrono::steady_clock;
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
  }

  /// A delivery report. An exception is kept until the library has returned: it must not pass through C.
  void on_report(const rd_kafka_message_t& message) noexcept {
    --in_flight;
    const auto number = std::bit_cast<std::uint64_t>(message._private);
    try {
      if (message.err == RD_KAFKA_RESP_ERR_NO_ERROR) {
        connection.on_answer();
        handler.on_delivered(number);
      } else if (message.err == RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE && message.len + message.key_len < batch_size) {
        if (refused.empty())
          refused = fmt::format(
              "the topic {} takes no batch of --batch-size {}: give it less than max.message.bytes of the "
              "topic",
              rd_kafka_topic_name(message.rkt), batch_size);
      } else if (is_refusal(message.err)) {
        connection.on_answer();
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
    check();
  }

  /// The library's handle of a topic, which is kept: a look-up for each message takes locks. Null: no topic's name.
  rd_kafka_topic_t* topic(const std::string& name) {
    if (last_topic != nullptr && name == rd_kafka_topic_name(last_topic)) return last_topic;
    Topic& handle = topics[name];
    if (!handle) handle.reset(rd_kafka_topic_new(client.get(), name.c_str(), nullptr));
    last_topic = handle.get();
    return last_topic;
  }

  ProducerHandler& handler;
  Connection connection;
  const std::string transactional_id;
  const std::uint64_t batch_size;
  Handle client;
  std::unordered_map<std::string, Topic> topics;
  rd_kafka_topic_t* last_topic = nullptr;
  Queue queue;
  std::optional<Wakeup> wakeup;
  std::uint64_t in_flight = 0;
  std::optional<Commit> commit;  ///< under way
  /// The library has sent the last commit again. The first request may still reach the broker, which would take it for
  /// the next transaction's (KIP-890 is not in the library): a new run takes over the transactional id first.
  bool worn = false;
  std::string refused;  ///< a batch, for good
  std::string failure;
  std::exception_ptr thrown;
};

Producer::Producer(const Settings& settings, ProducerHandler& handler, Log& log)
    : impl_(std::make_unique<Impl>(settings, handler, log)) {}
Producer::~Producer() = default;

void Producer::prepare(const std::string& topic) {
  rd_kafka_topic_t* const handle = impl_->topic(topic);
  if (handle == nullptr) return;  // no topic's name: sending reports it
  const rd_kafka_metadata_t* raw = nullptr;
  rd_kafka_metadata(impl_->client.get(), 0, handle, &raw, 500);
  const Metadata metadata(raw);
}

Producer::Sent Producer::send(const Message& message) {
  rd_kafka_topic_t* const topic = impl_->topic(*message.topic);
  if (topic == nullptr) throw std::invalid_argument(fmt::format("{} cannot be a topic", *message.topic));
  rd_kafka_headers_t* headers = nullptr;
  if (!message.headers.empty()) {
    headers = rd_kafka_headers_new(message.headers.size());
    for (const Header& header : message.headers)
      rd_kafka_header_add(headers, header.name.data(), static_cast<ssize_t>(header.name.size()), header.value.data(),
                          static_cast<ssize_t>(header.value.size()));
  }
  std::array<rd_kafka_vu_t, 8> parts;
  std::size_t count = 0;
  const auto add = [&](rd_kafka_vtype_t type) -> auto& {
    parts[count].vtype = type;
    return parts[count++].u;
  };
  const auto bytes = [&](rd_kafka_vtype_t type, const std::optional<std::string_view>& text) {
    auto& memory = add(type).mem;
    // The library copies the bytes and does not write to them. A null pointer is a missing key or a tombstone.
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
  const Error error(rd_kafka_produceva(impl_->client.get(), parts.data(), count));
  if (!error) {
    ++impl_->in_flight;
    return Sent::yes;
  }
  if (headers != nullptr) rd_kafka_headers_destroy(headers);
  const rd_kafka_resp_err_t code = rd_kafka_error_code(error.get());
  if (code == RD_KAFKA_RESP_ERR__QUEUE_FULL) return Sent::full;
  if (is_refusal(code)) throw std::invalid_argument(rd_kafka_err2str(code));
  impl_->check();
  throw Fenced(rd_kafka_err2str(code));
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
  if (const Error error(rd_kafka_begin_transaction(impl_->client.get())); error)
    throw Fenced(impl_->text_of(error.get()));
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
    // The library does not abort while it owes reports of messages. An abort that does not end in time leaves a
    // producer that must not be used again: the run ends.
    impl_->commit.reset();
    rd_kafka_purge(impl_->client.get(), RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT);
    for (int i = 0; i < 100 && impl_->in_flight > 0; ++i) rd_kafka_poll(impl_->client.get(), 100);
    if (const Error failed(rd_kafka_abort_transaction(impl_->client.get(), 10'000)); failed)
      throw Fenced(fmt::format("{}; {}", impl_->text_of(error.get()), rd_kafka_error_string(failed.get())));
    rd_kafka_poll(impl_->client.get(), 0);
    impl_->check();
    return Outcome::aborted;
  }
  impl_->check();
  if (rd_kafka_error_is_retriable(error.get())) return Outcome::again;
  throw Fenced(impl_->text_of(error.get()));
}

}  // namespace weir::kafka
