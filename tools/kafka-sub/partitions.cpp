// The part of KafkaSub that finds the partitions to read, and where each is begun.
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "kafka_sub.hpp"
#include "state/epoch_file.hpp"
#include "time/saturating.hpp"
#include "time/timestamp.hpp"

namespace weir::kafka_sub {

/// Whether messages that open windows may need can be gone from the brokers is seen by the first record that is left.
void KafkaSub::check_rebuilt(const kafka::Partition& partition, std::int64_t begin, std::int64_t end) {
  if (!rebuilds_ || begin == 0 || position_.at(partition).next > begin) return;
  if (begin == end)
    throw state::Unusable(
        fmt::format("{}, partition {}: all messages are gone from the brokers, also those of open windows: the state "
                    "cannot be made again",
                    partition.topic, partition.number));
  if (!final_until_ || !settings_.watermark)
    throw state::Unusable(
        fmt::format("{}, partition {}: messages 0 to {} are gone from the brokers, and without --watermark it is not "
                    "known whether open windows need them: the state cannot be made again",
                    partition.topic, partition.number, begin - 1));
}

void KafkaSub::check_first_time(Reading& reading, Time time) {
  if (time >= *reading.must_begin_before)
    throw state::Unusable(
        fmt::format("{}, partition {}: messages that open windows need are gone from the brokers: the first record is "
                    "of {}, and windows are final up to {}",
                    reading.partition.topic, reading.partition.number, format_time(time), format_time(*final_until_)));
  reading.must_begin_before.reset();
}

bool KafkaSub::is_mine(const kafka::Partition& partition) const {
  if (!settings_.partitions.empty() && !settings_.partitions.contains(partition.number)) return false;
  return partition.number % settings_.shards == settings_.shard;
}

/// The partitions of all topics that are wanted; nothing while the brokers owe an answer.
std::optional<std::vector<kafka::Partition>> KafkaSub::ask_partitions() {
  looked_at_ = clock::now();
  return consumer_->partitions([this](const std::string& topic) { return topics_.match(topic); });
}

/// Reports topics that are not there, each once. Returns whether all are.
bool KafkaSub::report_missing(const std::vector<kafka::Partition>& found) {
  const std::vector<std::string> missing = topics_.missing(found);
  for (const std::string& topic : missing)
    if (reported_missing_.insert(topic).second)
      host_->log().warn(fmt::format("there is no topic '{}' yet; waiting for it", topic));
  return missing.empty();
}

bool KafkaSub::find_partitions() {
  const auto found = ask_partitions();
  if (!found) return false;
  // The other topics are read meanwhile, but an end can be reached only once all are there.
  if (!report_missing(*found) && (found->empty() || settings_.until == Until::end)) return false;
  std::map<std::string, std::vector<Place>> places;
  for (const kafka::Partition& partition : *found) {
    places[partition.topic].emplace_back();
    if (is_mine(partition)) mine_.push_back(partition);
  }
  for (const auto& [topic, before] : position_.places)
    if (places[topic].size() != before.size()) refuse_count(topic, places[topic].size(), before.size());
  for (auto& [topic, all] : places)
    if (position_.places.try_emplace(topic, std::move(all)).second && went_on_) new_topics_.insert(topic);
  report_share();
  return true;
}

void KafkaSub::refuse_count(const std::string& topic, std::size_t now, std::size_t before) const {
  throw state::Unusable(
      fmt::format("the topic {} has {} partitions, and had {}: keys have moved between them "
                  "(begin anew with pipe-run --reset)",
                  topic, now, before));
}

/// Reports what options ask for and no topic has.
void KafkaSub::report_share() const {
  std::size_t most = 0;
  for (const auto& [topic, all] : position_.places) most = std::max(most, all.size());
  const auto is_there = [&](int number) { return static_cast<std::size_t>(number) < most; };
  const char* const then = settings_.until == Until::end ? "" : " yet; waiting for one";
  for (const int number : settings_.partitions)
    if (!is_there(number)) host_->log().warn(fmt::format("--partitions: there is no partition {}{}", number, then));
  if (!went_on_)
    for (const auto& [number, offset] : settings_.from_offsets)
      if (!is_there(number)) host_->log().warn(fmt::format("--from: there is no partition {}", number));
  if (!mine_.empty() || settings_.shards == 1) return;
  host_->log().warn(
      fmt::format("--shard {}/{}: there is no partition for it{}", settings_.shard + 1, settings_.shards, then));
}

/// Adds topics and partitions that have come since the last look. They are read from their beginning. A broker that
/// does not answer is asked again at the next look.
void KafkaSub::look_again() {
  const auto found = ask_partitions();
  if (!found) return;
  std::map<std::string, std::size_t> counts;
  for (const kafka::Partition& partition : *found) ++counts[partition.topic];
  // A broker may not know the latest partitions yet: fewer of them mean nothing.
  for (const auto& [topic, before] : position_.places)
    if (counts[topic] > before.size() && keeps_state()) refuse_count(topic, counts[topic], before.size());
  std::map<kafka::Partition, Place> added;
  for (const kafka::Partition& partition : *found) {
    if (position_.has(partition)) continue;
    Place& place = added[partition];
    if (!is_mine(partition)) continue;
    const auto limits = consumer_->limits(partition);
    if (!limits) return;
    place.next = limits->first;
  }
  if (added.empty()) return;
  for (const auto& [topic, before] : position_.places)
    if (counts[topic] > before.size())
      host_->log().warn(fmt::format(
          "the topic {} has {} partitions, and had {}: the new ones are read from their beginning; keys have moved "
          "between them",
          topic, counts[topic], before.size()));
  for (auto& [partition, place] : added) position_.places[partition.topic].push_back(std::move(place));
  readings_.point_into(position_);
  for (const auto& [partition, place] : added)
    if (is_mine(partition)) readings_.add(partition, position_.at(partition), std::nullopt, clock::now());
  assign();
}

/// Reads on at all positions.
void KafkaSub::assign() {
  consumer_->assign(position_.offsets());
  readings_.for_each([this](const Reading& each) {
    if (each.finished) consumer_->pause(each.partition);
  });
}

/// Takes a position that the brokers do not have to the first message that they have. Throws state::Unusable where
/// that may not be.
void KafkaSub::leave_gap(const kafka::Partition& partition, std::int64_t begin) {
  std::int64_t& next = position_.at(partition).next;
  const bool removed = next < begin;
  const std::string text =
      fmt::format("{}, partition {}: ", partition.topic, partition.number) +
      (removed ? fmt::format("messages {} to {} are gone from the brokers", next, begin - 1)
               : fmt::format("offset {} is beyond the end: the topic was made anew, or the brokers have lost messages",
                             next));
  if (keeps_state() && settings_.gap == Gap::refused)
    throw state::Unusable(text + (removed ? " (--allow-gap goes on after them)"
                                          : " (--allow-gap reads the partition from its beginning)"));
  host_->log().warn(text + (removed ? "" : "; it is read from its beginning"));
  next = begin;
}

/// Goes on where the brokers have removed messages while others were read. Returns false while they owe an answer.
bool KafkaSub::leave_gaps() {
  for (auto each = gaps_.begin(); each != gaps_.end(); each = gaps_.erase(each)) {
    const auto limits = consumer_->limits(*each);
    if (!limits) return false;
    leave_gap(*each, limits->first);
    Reading& reading = *readings_.find(each->topic, each->number);
    if (reading.end) reading.end = std::min(*reading.end, limits->second);
    pass(reading, reading.place->next);
  }
  assign();
  return true;
}

/// Where a partition is begun that was not read before. `wanted` holds what was looked up, by time or in the group.
std::int64_t KafkaSub::first_offset(const kafka::Partition& partition, const std::optional<kafka::Offsets>& wanted,
                                    std::int64_t begin, std::int64_t end) {
  if (new_topics_.contains(partition.topic)) return begin;
  if (const auto found = wanted->find(partition); found != wanted->end()) {
    if (settings_.from == From::committed && found->second < begin)
      host_->log().warn(fmt::format("{}, partition {}: messages {} to {} are gone from the brokers", partition.topic,
                                    partition.number, found->second, begin - 1));
    return std::max(found->second, begin);
  }
  if (settings_.from == From::end) return end;
  const auto given = settings_.from_offsets.find(partition.number);
  if (given == settings_.from_offsets.end()) return begin;
  if (given->second < begin || given->second > end)
    host_->log().warn(
        fmt::format("--from: {}, partition {} has the offsets {} to {}, and not {}: it begins at the nearest",
                    partition.topic, partition.number, begin, end, given->second));
  return std::clamp(given->second, begin, end);
}

bool KafkaSub::find_offsets() {
  if (mine_.empty()) return true;
  std::optional<kafka::Offsets> wanted = kafka::Offsets();
  if (settings_.from == From::committed) wanted = consumer_->committed(mine_);
  if (settings_.from == From::time)
    wanted = consumer_->offsets_at(
        mine_, std::chrono::floor<std::chrono::milliseconds>(settings_.from_time.time_since_epoch()));
  if (!wanted) return false;
  std::map<kafka::Partition, std::pair<std::int64_t, std::int64_t>> all_limits;
  for (const kafka::Partition& partition : mine_) {
    const auto limits = consumer_->limits(partition);
    if (!limits) return false;
    all_limits[partition] = *limits;
  }
  for (const auto& [partition, limits] : all_limits) {
    const auto [begin, end] = limits;
    Place& place = position_.at(partition);
    if (place.next < 0) {
      place.next = first_offset(partition, wanted, begin, end);
      check_rebuilt(partition, begin, end);
    } else if (place.next < begin || place.next > end) {
      leave_gap(partition, begin);
    }
  }
  return true;
}

bool KafkaSub::find_ends() {
  std::map<kafka::Partition, std::int64_t> ends;
  if (settings_.until == Until::end) {
    for (const kafka::Partition& partition : mine_) {
      const auto limits = consumer_->limits(partition);
      if (!limits) return false;
      ends[partition] = limits->second;
    }
  }
  for (const kafka::Partition& partition : mine_) {
    const auto end = ends.find(partition);
    Place& place = position_.at(partition);
    Reading& reading =
        readings_.add(partition, place, end == ends.end() ? std::optional<std::int64_t>() : end->second, clock::now());
    if (rebuilds_ && place.next > 0 && final_until_ && settings_.watermark)
      reading.must_begin_before = saturating_subtract(*final_until_, settings_.watermark->lateness);
  }
  return true;
}

/// Takes the steps before the first message, and returns false while the brokers owe an answer.
bool KafkaSub::get_ready() {
  if (phase_ == Phase::partitions) {
    if (!find_partitions()) return false;
    phase_ = Phase::offsets;
  }
  if (phase_ == Phase::offsets) {
    if (!find_offsets()) return false;
    phase_ = Phase::ends;
  }
  if (phase_ == Phase::ends) {
    if (!find_ends()) return false;
    assign();
    phase_ = Phase::reading;
  }
  return true;
}

}  // namespace weir::kafka_sub
