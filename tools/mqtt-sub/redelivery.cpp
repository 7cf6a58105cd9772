#include "redelivery.hpp"

namespace weir::mqtt_sub {

void Redelivery::stored(int id, std::uint64_t hash) {
  stored_.push_back({id, hash});
  if (stored_.size() <= most) return;
  stored_.pop_front();
  if (before_ > 0) --before_;
  if (next_ > 0) --next_;
}

void Redelivery::new_session() {
  stored_.clear();
  before_ = 0;
  phase_ = Phase::over;
}

void Redelivery::connected() {
  before_ = stored_.size();
  phase_ = Phase::first;
}

bool Redelivery::comes_again(int id, std::uint64_t hash) {
  if (phase_ == Phase::first) {
    std::size_t found = 0;
    for (std::size_t i = 0; i < before_; ++i) {
      if (stored_[i].id != id) continue;
      ++found;
      next_ = i;
    }
    phase_ = found == 1 ? Phase::in_turn : Phase::over;
  }
  if (phase_ != Phase::in_turn) return false;
  if (next_ < before_ && stored_[next_].id == id && stored_[next_].hash == hash) {
    ++next_;
    return true;
  }
  phase_ = Phase::over;
  return false;
}

}  // namespace weir::mqtt_sub
