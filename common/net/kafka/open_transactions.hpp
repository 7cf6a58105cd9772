// Partitions in which a transaction is open.
#pragma once
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "net/kafka/consumer.hpp"
#include "net/kafka/settings.hpp"
#include "record/log.hpp"

namespace weir::kafka {

/// The partitions of these topics in which a transaction of any producer is open: their last stable offset, where
/// readers of committed messages stop, is before their end. A topic that does not exist, or is not this client's, has
/// none. Waits for the brokers and for the leaders of the partitions, and reports that; `meanwhile` is called several
/// times a second, and may throw to end the wait.
std::vector<Partition> open_transactions(const Settings& settings, std::span<const std::string> topics, Log& log,
                                         const std::function<void()>& meanwhile);

}  // namespace weir::kafka
