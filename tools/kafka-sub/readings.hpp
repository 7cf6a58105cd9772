// The partitions that kafka-sub reads, and the watermark that follows from them.
#pragma once
#include <chrono>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "net/kafka/consumer.hpp"
#include "record/producer_watermark.hpp"
#include "state/archive.hpp"
#include "time/time_types.hpp"

namespace weir::kafka_sub {

/// How far a partition has been read.
struct Place {
  static constexpr std::int64_t not_mine = -1;
  std::int64_t next = not_mine;                ///< the offset of the next message
  Time newest = Time::min();                   ///< the greatest time of its records
  std::vector<ProducerWatermark> producers{};  ///< the last watermark of each producer, as --producers reads them

  /// Takes a producer's watermark, which never goes back. Returns false where it is of one more than `most` producers.
  bool take(const ProducerWatermark& watermark, std::size_t most);
  /// The least over the producers that have not ended, or the greatest where all have; nothing before `count` of them
  /// have written one.
  std::optional<Time> least(std::size_t count) const;

  void state(StateArchive& archive) {
    archive.values(next, newest);
    archive.list(producers, [&](ProducerWatermark& each) { archive.values(each.from, each.time, each.ended); });
  }
};

/// Where the source is: the places of each topic's partitions, by number.
struct Position {
  std::map<std::string, std::vector<Place>> places;
  std::uint64_t records = 0;  ///< written since the first run
  void state(StateArchive& archive) { archive.values(places, records); }

  Place& at(const kafka::Partition& partition) {
    return places.at(partition.topic).at(static_cast<std::size_t>(partition.number));
  }
  bool has(const kafka::Partition& partition) const {
    const auto topic = places.find(partition.topic);
    return topic != places.end() && static_cast<std::size_t>(partition.number) < topic->second.size();
  }
  /// The places that are read, for the brokers.
  kafka::Offsets offsets() const;
};

/// A partition that is being read.
struct Reading {
  using clock = std::chrono::steady_clock;
  kafka::Partition partition;
  Place* place = nullptr;           ///< in a Position that outlives this
  std::optional<std::int64_t> end;  ///< where the run ends (--until end), and nothing once it has been reached
  bool finished = false;            ///< its end has been reached
  bool at_end = false;              ///< the brokers have no more of it for now
  clock::time_point last_message{};
  std::optional<Time> must_begin_before{};  ///< the time of its first record, where the state is made again
};

/// All partitions that are read. Finding one takes no allocation.
class Readings {
 public:
  Reading& add(const kafka::Partition& partition, Place& place, std::optional<std::int64_t> end,
               Reading::clock::time_point now);
  /// The partition of a message, nullptr where it is not read.
  Reading* find(std::string_view topic, int number);

  /// Makes all of them point into `position` again, whose partitions have become more.
  void point_into(Position& position);
  /// Calls each(Reading&) for every partition.
  template <typename Each>
  void for_each(Each each) {
    for (Reading& reading : readings_) each(reading);
  }

  /// The offset `next` has been reached. Returns true where the partition is finished by that.
  static bool pass(Reading& reading, std::int64_t next);
  /// Whether every partition has been read to its end.
  bool all_finished() const { return unfinished_ == 0; }
  void note_finished() { --unfinished_; }

  /// The least over the partitions of what `producers` of them have promised; nothing while one has promised nothing.
  std::optional<Time> least_promise(std::size_t producers) const;

  /// The least over the partitions of the greatest time read. A partition that is finished does not count, nor one that
  /// has had nothing to read for `idle`; once all are finished it is the greatest. Nothing where none counts, or one
  /// that counts has had no record.
  std::optional<Time> oldest_front(Duration idle, Reading::clock::time_point now) const;

 private:
  std::deque<Reading> readings_;  ///< keeps addresses
  Reading* last_ = nullptr;       ///< found last: messages come in runs of one partition
  std::size_t unfinished_ = 0;
};

}  // namespace weir::kafka_sub
