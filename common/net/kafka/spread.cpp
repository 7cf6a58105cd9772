#include "net/kafka/spread.hpp"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <string>
#include <string_view>
#include <utility>

namespace weir::kafka {
namespace {

/// What a message takes in its batch beside its own bytes.
constexpr std::uint64_t around_message = 12;

std::string property(const rd_kafka_conf_t& conf, const char* name) {
  std::array<char, 64> text{};
  std::size_t size = text.size();
  return rd_kafka_conf_get(&conf, name, text.data(), &size) == RD_KAFKA_CONF_OK ? text.data() : "";
}

}  // namespace

std::optional<Spreading> Spreading::of(const rd_kafka_conf_t& conf, std::uint64_t most_bytes) {
  constexpr std::array<std::pair<std::string_view, Partitioner>, 4> known{{
      {"random", rd_kafka_msg_partitioner_random},
      {"consistent_random", rd_kafka_msg_partitioner_consistent_random},
      {"murmur2_random", rd_kafka_msg_partitioner_murmur2_random},
      {"fnv1a_random", rd_kafka_msg_partitioner_fnv1a_random},
  }};
  const std::chrono::milliseconds longest(std::atol(property(conf, "sticky.partitioning.linger.ms").c_str()));
  const std::string name = property(conf, "partitioner");
  const auto found = std::find_if(known.begin(), known.end(), [&](const auto& each) { return each.first == name; });
  if (longest.count() <= 0 || found == known.end()) return std::nullopt;
  return Spreading{found->second, name == "consistent_random", longest, most_bytes};
}

std::int32_t Spread::choose(const rd_kafka_topic_t& topic, const void* key, std::size_t size, std::int32_t count,
                            void* message) {
  if (key != nullptr && (size > 0 || !how_.empty_is_none))
    return how_.by_key(&topic, key, size, count, nullptr, message);
  // Messages that came before the partitions were known; the library's own thread assigns them.
  if (std::this_thread::get_id() != owner_)
    return rd_kafka_msg_partitioner_random(&topic, key, size, count, nullptr, message);
  const clock::time_point now = clock::now();
  if (const auto same = current(now); same && *same < count) return *same;
  if (on_way_.size() < static_cast<std::size_t>(count)) on_way_.resize(static_cast<std::size_t>(count));
  const auto first = static_cast<std::int32_t>(random_() % static_cast<std::uint32_t>(count));
  const auto bytes = [this](std::int32_t partition) { return on_way_[static_cast<std::size_t>(partition)]; };
  std::optional<std::int32_t> best;
  for (std::int32_t i = 0; i < count; ++i) {
    const std::int32_t each = (first + i) % count;
    if ((!best || bytes(each) < bytes(*best)) && rd_kafka_topic_partition_available(&topic, each) != 0) best = each;
  }
  current_ = best.value_or(first);
  left_ = how_.most_bytes;
  until_ = now + how_.longest;
  return current_;
}

bool Spread::is_busy() const {
  if (on_way_.size() < 2) return false;
  std::uint64_t all = 0;
  for (const std::uint64_t each : on_way_) {
    if (each == 0) return false;
    all += each;
  }
  return all >= how_.most_bytes;
}

void Spread::add(std::uint64_t bytes) {
  if (left_ == 0) return;  // the partitions are not known yet
  ++messages_;
  bytes += around_message;
  on_way_[static_cast<std::size_t>(current_)] += bytes;
  left_ -= std::min(left_, bytes);
}

void Spread::remove(std::int32_t partition, std::uint64_t bytes) {
  if (partition < 0 || static_cast<std::size_t>(partition) >= on_way_.size()) return;
  std::uint64_t& left = on_way_[static_cast<std::size_t>(partition)];
  left -= std::min(left, bytes + around_message);
  if (messages_ > 0) --messages_;
  if (messages_ == 0) std::fill(on_way_.begin(), on_way_.end(), 0);  // whatever the library has done with them
}

}  // namespace weir::kafka
