#include "net/kafka/producer.hpp"

#include <fmt/format.h>

#include <charconv>
#include <stdexcept>
#include <system_error>
#include <utility>

#include "net/kafka/message_errors.hpp"
#include "net/kafka/producer_impl.hpp"
#include "net/kafka/topic_setting.hpp"

namespace weir::kafka {

Producer::Producer(const Settings& settings, ProducerHandler& handler, Log& log)
    : impl_(std::make_unique<Impl>(settings, handler, log)) {}
Producer::~Producer() = default;

Producer::Found Producer::prepare(const std::string& topic) {
  Impl::KnownTopic* const known = impl_->topic(topic);
  if (known == nullptr) return {};  // no topic's name: sending reports it
  const rd_kafka_metadata_t* raw = nullptr;
  rd_kafka_metadata(impl_->client.get(), 0, known->handle.get(), &raw, 500);
  const Metadata metadata(raw);
  if (!metadata || metadata->topic_cnt != 1) return {};
  const rd_kafka_metadata_topic_t& found = metadata->topics[0];
  if (found.partition_cnt > 0) {
    if (!known->found) known->since = Impl::clock::now();
    known->found = true;
    return {.partitions = found.partition_cnt};
  }
  if (is_unknown_topic(found.err)) return {.missing = true, .problem = Impl::refusal(found.err, known->handle.get())};
  if (is_refusal(found.err)) return {.problem = fmt::format("the topic {}: {}", topic, rd_kafka_err2str(found.err))};
  return {};  // its leaders are being elected
}

std::optional<std::uint64_t> Producer::learn_limit(const std::string& topic, const std::function<void()>& meanwhile) {
  Impl::KnownTopic* const known = impl_->topic(topic);
  if (known == nullptr) return 0;
  const Described described = setting_of(*impl_->client, topic, "max.message.bytes", [&] {
    impl_->poll();
    meanwhile();
  });
  if (is_unknown_topic(described.error)) return std::nullopt;
  std::uint64_t bytes = 0;
  const char* const end = described.value.data() + described.value.size();
  if (std::from_chars(described.value.data(), end, bytes).ec != std::errc()) return 0;
  known->most_bytes = bytes < impl_->batch_size ? bytes : 0;
  return bytes;
}

std::uint64_t Producer::most_message_bytes() const { return impl_->most_message; }

Producer::Sent Producer::send(const Message& message) {
  if (!impl_->again.empty()) return Sent::full;
  Impl::KnownTopic* const topic = impl_->topic(*message.topic);
  if (topic == nullptr) throw std::invalid_argument(fmt::format("{} cannot be a topic", *message.topic));
  if (!impl_->has_room(*topic, message)) return Sent::full;
  if (impl_->can_gather(*topic, message)) return impl_->gather(*topic, message);
  if (const Sent sent = impl_->hand_over(); sent != Sent::yes) return sent;  // in their order
  rd_kafka_headers_t* headers = nullptr;
  if (!message.headers.empty()) {
    headers = rd_kafka_headers_new(message.headers.size());
    for (const Header& header : message.headers)
      rd_kafka_header_add(headers, header.name.data(), static_cast<ssize_t>(header.name.size()), header.value.data(),
                          static_cast<ssize_t>(header.value.size()));
  }
  const Error error(impl_->produce(*topic, message, headers));
  if (!error) {
    ++impl_->in_flight;
    return Sent::yes;
  }
  const rd_kafka_resp_err_t code = rd_kafka_error_code(error.get());
  if (is_unknown_topic(code) && Impl::may_exist(*topic) && impl_->transactional_id.empty()) {
    impl_->keep(*topic, message, headers, code);
    return Sent::yes;
  }
  if (headers != nullptr) rd_kafka_headers_destroy(headers);
  if (is_refusal(code)) throw std::invalid_argument(Impl::refusal(code, topic->handle.get()));
  return impl_->explain(code);
}

void Producer::poll() { impl_->poll(); }

void Producer::wait(std::span<pollfd> also, std::chrono::milliseconds limit) {
  // Library errors that are due with time, such as --retry-for, need a look now and then.
  constexpr std::chrono::milliseconds longest(500);
  impl_->hand_over();
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
    throw Fenced(
        "a connection broke while the last transaction was ended, so that a late request could end this one, too");
  impl_->refused_one = false;
  if (const Error error(rd_kafka_begin_transaction(impl_->client.get())); error)
    throw Fenced(impl_->text_of(error.get()));
}

std::chrono::milliseconds Producer::transaction_timeout() const {
  return std::chrono::milliseconds(impl_->property("transaction.timeout.ms"));
}

Producer::Outcome Producer::commit_transaction() {
  std::optional<Error> returned;
  if (impl_->commit_call) {
    returned = impl_->commit_call->take();
  } else {
    if (impl_->hand_over() == Sent::full) {
      impl_->poll();
      return Outcome::again;
    }
    if (!impl_->commit) impl_->commit = impl_->begin_ending();
    // What is in flight after a refusal stays there. The library tells at once that the transaction is to be aborted.
    constexpr int longest_ms = 50;
    if (impl_->in_flight > 0)
      returned.emplace(rd_kafka_commit_transaction(impl_->client.get(), longest_ms));
    else
      impl_->commit_call.emplace(*impl_->client, [this] { impl_->wakeup->wake(); });
  }
  rd_kafka_poll(impl_->client.get(), 0);
  impl_->take_errors();
  if (!returned) {
    impl_->check();
    return Outcome::again;
  }
  impl_->commit_call.reset();
  const Error error = std::move(*returned);
  if (!error) {
    impl_->worn = impl_->may_have_been_sent_twice(*std::exchange(impl_->commit, std::nullopt));
    impl_->unexplained = false;
    return Outcome::done;
  }
  if (rd_kafka_error_txn_requires_abort(error.get())) {
    const std::string why = impl_->text_of(error.get());
    // The one after a refusal may fail as well: the library has then counted the refused batch, and the broker has not.
    if (impl_->refused_one) impl_->unexplained = false;
    const bool is_gap = rd_kafka_error_code(error.get()) == RD_KAFKA_RESP_ERR_OUT_OF_ORDER_SEQUENCE_NUMBER;
    const bool is_explained =
        impl_->refused_one || (is_gap && !std::exchange(impl_->unexplained, true)) || impl_->has_ended();
    impl_->abort(why + "; ", *std::exchange(impl_->commit, std::nullopt));
    if (!is_explained) throw Fenced(why);
    return Outcome::aborted;
  }
  impl_->check();
  if (rd_kafka_error_is_retriable(error.get())) return Outcome::again;
  throw Fenced(impl_->text_of(error.get()));
}

void Producer::abort_transaction() { impl_->abort("", impl_->begin_ending()); }

}  // namespace weir::kafka
