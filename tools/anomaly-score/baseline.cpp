#include "baseline.hpp"

#include <algorithm>
#include <cmath>

namespace weir::anomaly_score {
namespace {

constexpr double most_deviations = 3;
constexpr std::uint64_t free_samples = 50;  ///< how many differences count in full at first
constexpr double least_slot_share = 0.01;   ///< of a new value in a slot's mean

double share_at(std::uint64_t count, double least) { return std::max(least, 1 / static_cast<double>(count)); }

}  // namespace

double Spread::limited(double difference) const {
  if (count_ <= free_samples) return difference;
  const double most = most_deviations * deviation_;
  return std::clamp(difference, -most, most);
}

void Spread::learn(double difference, double share) {
  const double counted = limited(difference);
  const double part = share_at(++count_, share);
  square_ = (1 - part) * (square_ + part * counted * counted);
  deviation_ = std::sqrt(square_);
}

std::size_t Baseline::slot_of(const Plan& plan, Time time) {
  if (plan.slots == 1) return 0;
  const std::int64_t length = plan.season.count();
  std::int64_t place = time.time_since_epoch().count() % length;
  if (place < 0) place += length;
  return static_cast<std::size_t>(static_cast<double>(place) / static_cast<double>(length) *
                                  static_cast<double>(plan.slots)) %
         plan.slots;
}

void Baseline::learn(const Plan& plan, std::size_t slot, double value) {
  if (slots_.empty()) slots_.resize(plan.slots);
  Slot& each = slots_[slot];
  if (plan.form == Form::running) {
    const double difference = value - each.mean;
    each.mean += difference / static_cast<double>(++each.count);
    squares_ += difference * (value - each.mean);
    return;
  }
  if (++each.count == 1) {
    each.mean = value;
    return;
  }
  const double difference = value - each.mean - level_;
  const double counted = spread_.limited(difference);
  if (plan.form == Form::seasonal) {
    level_ += plan.level_share * counted;
    each.mean += share_at(each.count, least_slot_share) * counted;
  } else {
    each.mean += share_at(each.count, plan.level_share) * counted;
  }
  spread_.learn(difference, plan.share);
}

double Baseline::running_deviation() const {
  return count() == 0 ? 0 : std::sqrt(std::max(0.0, squares_ / static_cast<double>(count())));
}

double Level::add(const Plan& plan, double difference) {
  if (last_.empty()) last_.resize(plan.level_values);
  last_[at_] = difference;
  at_ = (at_ + 1) % last_.size();
  size_ = std::min<std::uint64_t>(size_ + 1, last_.size());
  double sum = 0;
  for (std::size_t i = 1; i <= size_; ++i) sum += last_[(at_ + last_.size() - i) % last_.size()];
  return sum / static_cast<double>(size_);
}

}  // namespace weir::anomaly_score
