// Transactions that Kafka has lost track of.
#pragma once
#include <functional>
#include <span>
#include <string>

#include "net/kafka/producer.hpp"
#include "record/log.hpp"

namespace weir::kafka_pub {

/// Ends, in these topics, what an earlier transaction of this producer may have left open. Call it after take_over()
/// and before this producer's first message to them.
///
/// A coordinator that was restarted with its brokers (Kafka 4.3.1) takes a partition without a leader for a deleted
/// one, and completes the transaction without its marker there. The partition then stays open: readers of committed
/// messages stop before it, and the producer's next commit would make the old messages visible, beside those that
/// replace them. An aborted transaction with a message in each open partition writes the missing markers; its messages
/// have `number`, and the pipeline's name as key.
void end_lost_transactions(kafka::Producer& producer, const kafka::Settings& settings,
                           std::span<const std::string> topics, const std::string& pipe, std::uint64_t number, Log& log,
                           const std::function<void()>& meanwhile);

}  // namespace weir::kafka_pub
