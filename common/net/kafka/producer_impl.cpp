#include "net/kafka/producer_impl.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cstdlib>
#include <string_view>
#include <utility>

#include "net/kafka/message_errors.hpp"

namespace weir::kafka {
namespace {

/// The pause between two attempts to send a message whose topic some broker does not know yet.
constexpr auto again_interval = std::chrono::milliseconds(100);

/// The end of a transaction that takes longer may have been sent again: the library's requests time out after a minute.
constexpr auto long_ending = std::chrono::seconds(30);

/// The library keeps this much beside what its caller holds back.
constexpr const char* most_queued = "100000";

/// The bytes that the library adds to a batch, to a message and to a header, at most.
constexpr std::uint64_t around_batch = 256, around_message = 48, around_header = 10;

/// The bytes of a message in its batch, at most.
std::uint64_t size_of(const Message& message) {
  std::uint64_t size = around_message + message.payload.value_or("").size() + message.key.value_or("").size();
  for (const Header& header : message.headers) size += around_header + header.name.size() + header.value.size();
  return size;
}

std::uint64_t size_of(const rd_kafka_message_t& report) {
  std::uint64_t size = around_message + report.len + report.key_len;
  rd_kafka_headers_t* headers = nullptr;
  if (rd_kafka_message_headers(&report, &headers) != RD_KAFKA_RESP_ERR_NO_ERROR) return size;
  const char* name = nullptr;
  const void* value = nullptr;
  std::size_t bytes = 0;
  for (std::size_t i = 0; rd_kafka_header_get_all(headers, i, &name, &value, &bytes) == RD_KAFKA_RESP_ERR_NO_ERROR; ++i)
    size += around_header + std::string_view(name).size() + bytes;
  return size;
}

}  // namespace

Producer::Impl::Impl(const Settings& settings, ProducerHandler& owner, Log& log)
    : handler(owner),
      connection(settings.connection, log),
      transactional_id(settings.transactional_id),
      batch_size(settings.batch_size) {
  Conf conf = common_configuration(settings.connection);
  set(*conf, "enable.idempotence", settings.repeats == Repeats::stored_once ? "true" : "false");
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
  spreading = Spreading::of(*conf, batch_size);
  if (spreading) set(*conf, "sticky.partitioning.linger.ms", "0");  // the library asks for each message
  rd_kafka_conf_set_opaque(conf.get(), this);
  rd_kafka_conf_set_error_cb(conf.get(), [](rd_kafka_t*, int code, const char* reason, void* opaque) {
    static_cast<Impl*>(opaque)->on_error(static_cast<rd_kafka_resp_err_t>(code), reason);
  });
  rd_kafka_conf_set_dr_msg_cb(conf.get(), [](rd_kafka_t*, const rd_kafka_message_t* message, void* opaque) {
    static_cast<Impl*>(opaque)->on_report(*message);
  });
  std::array<char, 512> reason{};
  client.reset(rd_kafka_new(RD_KAFKA_PRODUCER, conf.get(), reason.data(), reason.size()));
  if (!client) throw Refused(reason.data());
  static_cast<void>(conf.release());  // the client owns it now
  most_message = property("message.max.bytes");
  queue.reset(rd_kafka_queue_get_main(client.get()));
  wakeup.emplace(*queue);
}

Producer::Impl::~Impl() {
  commit_call.reset();
  // What is still queued was not acknowledged: the caller has counted it, or the run has failed.
  rd_kafka_purge(client.get(), RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT);
  for (const Again& each : again)
    if (each.headers != nullptr) rd_kafka_headers_destroy(each.headers);
}

Producer::Impl::KnownTopic* Producer::Impl::topic(const std::string& name) {
  if (last_topic != nullptr && name == rd_kafka_topic_name(last_topic->handle.get())) return last_topic;
  KnownTopic& known = topics[name];
  if (!known.handle) {
    rd_kafka_topic_conf_t* const conf = rd_kafka_default_topic_conf_dup(client.get());
    rd_kafka_topic_conf_set_opaque(conf, &known);
    if (spreading) {
      known.spread.emplace(*spreading);
      rd_kafka_topic_conf_set_partitioner_cb(conf, [](const rd_kafka_topic_t* handle, const void* key, std::size_t size,
                                                      std::int32_t count, void* opaque, void* number) {
        return static_cast<KnownTopic*>(opaque)->spread->choose(*handle, key, size, count, number);
      });
    }
    known.handle.reset(rd_kafka_topic_new(client.get(), name.c_str(), conf));
    if (!known.handle) return nullptr;
  }
  return last_topic = &known;
}

/// Whether a topic that a broker does not know may be a new one, or one that this broker has not learned of. The
/// library takes the answer of one broker that lags behind for the truth as soon as it has seen the topic
/// (librdkafka#4970, in 2.0 and 2.8).
bool Producer::Impl::may_exist(const KnownTopic& topic) {
  return topic.delivered || clock::now() - topic.since < propagation;
}

/// Whether a message may go to a topic that takes small batches only: what is in flight to it makes no larger one.
bool Producer::Impl::has_room(const KnownTopic& topic, const Message& message) {
  if (topic.most_bytes == 0) return true;
  const std::uint64_t size = size_of(message) + around_batch;
  const auto fits = [&] { return topic.bytes == 0 || topic.bytes + size <= topic.most_bytes; };
  if (fits()) return true;
  rd_kafka_flush(client.get(), 5);  // no use to wait for more, as --linger does
  return fits();
}

/// Whether a message that is reported as too large is so itself, and not the batch that it was in.
bool Producer::Impl::is_too_large(const rd_kafka_message_t& report, const KnownTopic& topic) const {
  return size_of(report) + around_batch > (topic.most_bytes > 0 ? topic.most_bytes : batch_size);
}

/// Keeps a message that is sent again, and its headers. Its number is in flight.
void Producer::Impl::keep(KnownTopic& topic, const Message& message, rd_kafka_headers_t* headers,
                          rd_kafka_resp_err_t reason) {
  if (again.empty()) again_since = again_at = clock::now();
  again.push_back({&topic, std::string(message.payload.value_or("")), std::string(message.key.value_or("")), message,
                   headers, reason});
  again.back().message.topic = nullptr;
  again.back().message.headers = {};
  ++in_flight;
}

/// As above, for a message that the library reports.
void Producer::Impl::keep(const rd_kafka_message_t& report) {
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
  keep(topic_of(report.rkt), message, headers, report.err);
}

/// Sends the kept messages, in their order; nothing else is sent before them.
void Producer::Impl::send_again() {
  if (again.empty() || clock::now() < again_at) return;
  again_at = clock::now() + again_interval;
  const rd_kafka_metadata_t* raw = nullptr;
  rd_kafka_metadata(client.get(), 0, again.front().topic->handle.get(), &raw, static_cast<int>(again_interval.count()));
  const Metadata metadata(raw);
  for (; !again.empty(); again.pop_front()) {
    Again& each = again.front();
    if (each.message.payload) each.message.payload = each.payload;
    if (each.message.key) each.message.key = each.key;
    if (!has_room(*each.topic, each.message)) return;
    const Error error(produce(*each.topic, each.message, each.headers));
    if (!error) continue;
    if (rd_kafka_error_code(error.get()) == RD_KAFKA_RESP_ERR__QUEUE_FULL || clock::now() - again_since < propagation)
      return;
    if (each.headers != nullptr) rd_kafka_headers_destroy(each.headers);
    --in_flight;
    each.topic->delivered = false;
    each.topic->since = clock::now() - propagation;  // the next message is refused at once
    handler.on_refused(each.message.number, refusal(each.reason, each.topic->handle.get()));
  }
}

/// Whether a message may be gathered: to a topic that exists, and of which the library refuses none by its size.
bool Producer::Impl::can_gather(const KnownTopic& topic, const Message& message) const {
  return topic.delivered && topic.most_bytes == 0 && Gathered::takes(message) && size_of(message) <= most_message;
}

/// Hands a message to the library, which copies its bytes, but for a lasting payload; the headers are the library's
/// once there is no error.
rd_kafka_error_t* Producer::Impl::produce(KnownTopic& topic, const Message& message, rd_kafka_headers_t* headers) {
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
  add(RD_KAFKA_VTYPE_RKT).rkt = topic.handle.get();
  add(RD_KAFKA_VTYPE_MSGFLAGS).i = message.lasting ? 0 : RD_KAFKA_MSG_F_COPY;
  bytes(RD_KAFKA_VTYPE_VALUE, message.payload);
  bytes(RD_KAFKA_VTYPE_KEY, message.key);
  add(RD_KAFKA_VTYPE_OPAQUE).ptr = std::bit_cast<void*>(message.number);
  if (message.partition) add(RD_KAFKA_VTYPE_PARTITION).i32 = *message.partition;
  if (message.timestamp) add(RD_KAFKA_VTYPE_TIMESTAMP).i64 = message.timestamp->count();
  if (headers != nullptr) add(RD_KAFKA_VTYPE_HEADERS).headers = headers;
  rd_kafka_error_t* const error = rd_kafka_produceva(client.get(), parts.data(), count);
  if (error != nullptr) return error;
  if (topic.most_bytes > 0) topic.bytes += size_of(message);
  if (topic.spread && !message.key && !message.partition) topic.spread->add(message.payload.value_or("").size());
  return nullptr;
}

/// Why the brokers refuse a message, for a person.
std::string Producer::Impl::refusal(rd_kafka_resp_err_t code, const rd_kafka_topic_t* topic) {
  if (is_unknown_topic(code)) return fmt::format("the brokers have no topic {}", rd_kafka_topic_name(topic));
  return rd_kafka_err2str(code);
}

/// A delivery report. An exception is kept until the library has returned: it must not pass through C.
void Producer::Impl::on_report(const rd_kafka_message_t& message) noexcept {
  --in_flight;
  const auto number = std::bit_cast<std::uint64_t>(message._private);
  try {
    KnownTopic& topic = topic_of(message.rkt);
    if (topic.most_bytes > 0) topic.bytes -= std::min(topic.bytes, size_of(message));
    if (topic.spread && message.key == nullptr) topic.spread->remove(message.partition, message.len);
    if (message.err == RD_KAFKA_RESP_ERR_NO_ERROR) {
      connection.on_answer();
      topic.delivered = true;
      handler.on_delivered(number);
    } else if (is_unknown_topic(message.err) && may_exist(topic)) {
      if (transactional_id.empty())
        keep(message);
      else if (failure.empty())  // the run is started again, and the epoch is sent again
        failure = fmt::format("a broker does not know the topic {}", rd_kafka_topic_name(message.rkt));
    } else if (message.err == RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE && !is_too_large(message, topic)) {
      if (refused.empty())
        refused = fmt::format(
            "the topic {} takes no batch of {} bytes: give --batch-size less than max.message.bytes of the topic",
            rd_kafka_topic_name(message.rkt), topic.most_bytes > 0 ? topic.most_bytes : batch_size);
    } else if (is_refusal(message.err)) {
      connection.on_answer();
      refused_one = true;
      handler.on_refused(number, refusal(message.err, message.rkt));
    } else if (message.err != RD_KAFKA_RESP_ERR__PURGE_QUEUE && message.err != RD_KAFKA_RESP_ERR__PURGE_INFLIGHT &&
               failure.empty()) {
      failure = rd_kafka_err2str(message.err);
    }
  } catch (...) {
    if (!thrown) thrown = std::current_exception();
  }
}

/// An error of a connection, in whichever thread has polled.
void Producer::Impl::on_error(rd_kafka_resp_err_t code, const char* reason) {
  if (std::this_thread::get_id() == thread) return connection.on_error(code, reason);
  const std::lock_guard lock(errors_mutex);
  errors.emplace_back(code, reason);
}

/// Goes by the errors that another thread was told.
void Producer::Impl::take_errors() {
  const std::lock_guard lock(errors_mutex);
  for (const auto& [code, reason] : errors) connection.on_error(code, reason);
  errors.clear();
}

void Producer::Impl::check() {
  if (thrown) std::rethrow_exception(std::exchange(thrown, nullptr));
  std::array<char, 512> reason{};
  const rd_kafka_resp_err_t fatal = rd_kafka_fatal_error(client.get(), reason.data(), reason.size());
  if (fatal != RD_KAFKA_RESP_ERR_NO_ERROR) throw Fenced(text_of(fatal, reason.data()));
  connection.check();
  if (!refused.empty()) throw Refused(refused);
  if (!failure.empty()) throw Fenced(fmt::format("a message could not be delivered: {}", failure));
}

std::string Producer::Impl::text_of(rd_kafka_resp_err_t code, const char* reason) const {
  if (code != RD_KAFKA_RESP_ERR__FENCED && code != RD_KAFKA_RESP_ERR_INVALID_PRODUCER_EPOCH) return reason;
  return fmt::format(
      "another producer has taken over the transactional id {}, or a transaction was open for too long ({})",
      transactional_id, reason);
}

/// Whether the library may have sent the request that ends a transaction again, after a connection that broke.
bool Producer::Impl::may_have_been_sent_twice(const Ending& ending) const {
  return connection.errors() != ending.errors || clock::now() - ending.begun > long_ending;
}

/// Aborts the transaction. The library does not while it owes reports of messages. An abort that does not end in time
/// leaves a producer that must not be used again: the run ends, with `before` in its message.
void Producer::Impl::abort(const std::string& before, const Ending& ending) {
  drop_gathered();
  rd_kafka_purge(client.get(), RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT);
  for (int i = 0; i < 100 && in_flight > 0; ++i) rd_kafka_poll(client.get(), 100);
  if (const Error failed(rd_kafka_abort_transaction(client.get(), 10'000)); failed)
    throw Fenced(before + rd_kafka_error_string(failed.get()));
  rd_kafka_poll(client.get(), 0);
  check();
  worn = may_have_been_sent_twice(ending);
}

/// Whether a refused message has ended the transaction. The library knows it before the message is reported.
bool Producer::Impl::has_ended() {
  for (int i = 0; i < 20 && !refused_one; ++i) {
    rd_kafka_poll(client.get(), 50);
    check();
  }
  return refused_one;
}

std::uint64_t Producer::Impl::property(const char* name) const {
  std::array<char, 32> text{};
  std::size_t size = text.size();
  rd_kafka_conf_get(rd_kafka_conf(client.get()), name, text.data(), &size);
  return std::strtoull(text.data(), nullptr, 10);
}

}  // namespace weir::kafka
