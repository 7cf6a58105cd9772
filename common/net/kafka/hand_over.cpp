// Messages that the producer gathers, and hands to the library together.
#include <algorithm>
#include <bit>

#include "net/kafka/message_errors.hpp"
#include "net/kafka/producer_impl.hpp"

namespace weir::kafka {

/// Keeps a copy of the message, to be handed over with others.
Producer::Sent Producer::Impl::gather(KnownTopic& topic, const Message& message) {
  if (gathered_topic != &topic || gathered.is_full_for(message))
    if (const Sent sent = hand_over(); sent != Sent::yes) return sent;
  gathered_topic = &topic;
  gathered.add(message);
  ++in_flight;
  return Sent::yes;
}

/// Hands the gathered messages to the library. An error is that of all that are left: they have the topic in common.
Producer::Sent Producer::Impl::hand_over() {
  while (!gathered.empty()) {
    if (!again.empty()) return Sent::full;
    const std::span<rd_kafka_message_t> left = gathered.left();
    std::size_t count = left.size();
    Spread* const spread = gathered.has_keys() || !gathered_topic->spread ? nullptr : &*gathered_topic->spread;
    std::optional<std::int32_t> partition;
    if (spread != nullptr) {
      partition = spread->current(clock::now());
      if (!partition && spread->is_busy()) return Sent::full;
      if (!partition) count = 1;  // for which the library asks
    }
    const int taken =
        rd_kafka_produce_batch(gathered_topic->handle.get(), partition.value_or(RD_KAFKA_PARTITION_UA),
                               gathered.last() ? 0 : RD_KAFKA_MSG_F_COPY, left.data(), static_cast<int>(count));
    const auto done = static_cast<std::size_t>(std::max(taken, 0));
    if (spread != nullptr)
      for (const rd_kafka_message_t& each : left.first(done)) spread->add(each.len);
    gathered.remove_first(done);
    if (done == count) continue;
    if (const Sent sent = fail_first(left[done]); sent != Sent::yes) return sent;
  }
  return Sent::yes;
}

/// What becomes of the first gathered message, which the library has not taken.
Producer::Sent Producer::Impl::fail_first(const rd_kafka_message_t& message) {
  if (is_unknown_topic(message.err) && transactional_id.empty()) {  // it may be there: others have arrived
    --in_flight;
    Message kept;
    if (message.payload != nullptr) kept.payload = {static_cast<const char*>(message.payload), message.len};
    if (message.key != nullptr) kept.key = {static_cast<const char*>(message.key), message.key_len};
    kept.number = std::bit_cast<std::uint64_t>(message._private);
    keep(*gathered_topic, kept, nullptr, message.err);
  } else if (is_refusal(message.err) && transactional_id.empty()) {
    --in_flight;
    handler.on_refused(std::bit_cast<std::uint64_t>(message._private),
                       refusal(message.err, gathered_topic->handle.get()));
  } else {
    return explain(message.err);
  }
  gathered.remove_first(1);
  return Sent::yes;
}

void Producer::Impl::drop_gathered() {
  in_flight -= gathered.left().size();
  gathered.remove_first(gathered.left().size());
}

/// What an error tells that is none of the message itself.
Producer::Sent Producer::Impl::explain(rd_kafka_resp_err_t code) {
  if (code == RD_KAFKA_RESP_ERR__QUEUE_FULL) return Sent::full;
  check();
  if (code != RD_KAFKA_RESP_ERR__STATE) throw Fenced(rd_kafka_err2str(code));
  if (has_ended()) return Sent::ended;
  const Error why(rd_kafka_commit_transaction(client.get(), 0));  // which tells what has ended it
  throw Fenced(why ? text_of(why.get()) : rd_kafka_err2str(code));
}

}  // namespace weir::kafka
