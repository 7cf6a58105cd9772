// What is kept of a series: the readings of one type of sensor and key.
#pragma once
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "state/archive.hpp"
#include "swinging_door.hpp"
#include "time/time_types.hpp"

namespace weir::edge_filter {

/// The last readings, up to a limit that the caller knows.
class Ring {
 public:
  std::size_t size() const { return values_.size(); }
  void push(double value, std::size_t limit) {
    if (values_.size() < limit) {
      if (values_.capacity() < limit) values_.reserve(limit);
      values_.push_back(value);
      return;
    }
    values_[next_] = value;
    next_ = next_ + 1 == limit ? 0 : next_ + 1;
  }
  double last() const { return values_[(next_ == 0 ? values_.size() : next_) - 1]; }
  /// The last `count` readings into `to`, oldest first.
  void copy_last(std::size_t count, std::vector<double>& to) const {
    to.resize(count);
    std::size_t at = next_ + values_.size() - count;
    if (at >= values_.size()) at -= values_.size();
    for (double& value : to) {
      value = values_[at];
      if (++at == values_.size()) at = 0;
    }
  }
  void state(StateArchive& archive) {
    archive.values(values_, next_);
    if (archive.loading() && next_ != 0 && next_ >= values_.size())
      throw SnapshotError("a series, a held record or a type that cannot exist");
  }

 private:
  std::vector<double> values_;
  std::uint32_t next_ = 0;  ///< the oldest, once the ring is full
};

/// A record whose `should_transmit` is not known yet.
struct Held {
  std::string line;        ///< with its new members, `should_transmit` true; empty: none is held
  std::uint32_t flag = 0;  ///< where that `true` is
  Time time{};
  double value = 0;

  bool is_there() const { return !line.empty(); }
  void state(StateArchive& archive) {
    archive.values(line, flag, time, value);
    if (archive.loading() && is_there() && line.compare(flag, 4, "true") != 0)
      throw SnapshotError("a series, a held record or a type that cannot exist");
  }
};

struct Series {
  std::uint32_t type = 0;  ///< of Types
  bool known = false;      ///< whether there has been a record
  bool absent = false;     ///< whether the last value was missing or null
  bool sent = false;       ///< whether there has been a value that was sent
  Time newest{};
  Ring readings;                 ///< as they came, without outliers
  std::uint64_t count = 0;       ///< of readings
  std::vector<double> outliers;  ///< in a row, not accepted yet
  std::vector<double> memory;    ///< of a causal filter
  double filtered = 0;           ///< its last value
  double smoothed = 0;           ///< the last processed value
  double sent_value = 0;
  Time sent_time{};
  std::string status;  ///< the values of --on-change in the last record
  SwingingDoor door;
  Held held;

  void state(StateArchive& archive) {
    archive.values(type, known, absent, sent, newest, readings, count, outliers, memory, filtered, smoothed);
    archive.values(sent_value, sent_time, status, door, held);
  }
};

}  // namespace weir::edge_filter
