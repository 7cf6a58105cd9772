// The latest points of a series, in the order of their times.
#pragma once
#include <cstddef>
#include <optional>
#include <vector>

#include "state/archive.hpp"
#include "time/time_types.hpp"

namespace weir {

/// A reading of a series. It has no time where the axis is steps and the record has none.
struct Point {
  std::optional<Time> time;
  double value = 0;
};

/// The `limit` latest points, oldest first. A late point is inserted by its time, after those of the same time. Points
/// without a time stay in input order.
class RecentPoints {
 public:
  explicit RecentPoints(std::size_t limit = 0) : limit_(limit) {}
  /// Called once the points are loaded from a snapshot.
  void set_limit(std::size_t limit) { limit_ = limit; }

  std::size_t size() const { return ring_.size(); }
  /// The point at an index; 0 is the oldest.
  const Point& operator[](std::size_t i) const { return ring_[place(i)]; }
  const Point& latest() const { return (*this)[size() - 1]; }

  void state(StateArchive& archive) { archive.values(ring_, oldest_); }

  /// Returns false when the point is older than `limit` others.
  bool add(const Point& point) {
    if (size() == limit_) {
      if (is_before(point, ring_[oldest_])) return false;
      oldest_ = place(1);  // the latest point replaces the oldest
    } else {
      ring_.emplace_back();  // the ring is not full yet: oldest_ is 0
    }
    std::size_t i = size() - 1;
    for (; i > 0 && is_before(point, (*this)[i - 1]); --i) ring_[place(i)] = ring_[place(i - 1)];
    ring_[place(i)] = point;
    return true;
  }

 private:
  static bool is_before(const Point& a, const Point& b) { return a.time && b.time && *a.time < *b.time; }
  std::size_t place(std::size_t i) const {
    const std::size_t at = oldest_ + i;
    return at < ring_.size() ? at : at - ring_.size();
  }

  std::size_t limit_;
  std::size_t oldest_ = 0;
  std::vector<Point> ring_;  ///< grows up to the limit
};

}  // namespace weir
