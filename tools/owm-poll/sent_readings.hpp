// The set of readings that have been sent.
#pragma once
#include <set>
#include <vector>

#include "state/archive.hpp"
#include "time/time_types.hpp"

namespace weir::owm_poll {

/// The times of one city's sent readings, the latest `limit` of them. Providers repeat the last hours, never the last
/// month.
class SentReadings {
 public:
  static constexpr std::size_t limit = 4096;

  /// Notes a reading. Returns false when it is known already.
  bool note(Time time) {
    const bool is_new = times_.insert(time).second;
    if (times_.size() > limit) times_.erase(times_.begin());
    return is_new;
  }

  const std::set<Time>& times() const { return times_; }

  void state(StateArchive& archive) {
    std::vector<Time> times(times_.begin(), times_.end());
    archive.value(times);
    if (archive.loading()) times_ = {times.begin(), times.end()};
  }

 private:
  std::set<Time> times_;
};

}  // namespace weir::owm_poll
