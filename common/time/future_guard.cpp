#include "time/future_guard.hpp"

#include <algorithm>

#include "time/saturating.hpp"

namespace weir {
namespace {

/// How old a live record may be. Replayed ones are older, and what becomes of them must not depend on pauses.
constexpr Duration most_age_of_live = std::chrono::hours(1);

}  // namespace

Duration FutureGuard::limit() const {
  return std::max(limit_.value_or(Duration::max()), saturating_multiply(longest_pause_, 2));
}

Duration FutureGuard::ahead(Time time) const { return saturating_distance(latest_, time); }

/// Every time goes through admit_slowly() while the stream has not begun or records are set aside.
void FutureGuard::update() {
  if (!limit_)
    highest_ = Time::max();
  else
    highest_ = started() && times_.empty() ? saturating_add(latest_, limit()) : Time::min();
}

/// A guard that is now off believes what was set aside while it was on.
void FutureGuard::resume() {
  if (!limit_ && !times_.empty()) ruling_ = {Time::max(), false};
  update();
}

bool FutureGuard::admit_slowly(Time time) {
  if (started() && time <= saturating_add(latest_, limit())) {
    latest_ = std::max(latest_, time);
    if (!times_.empty()) ruling_ = {saturating_add(latest_, limit()), false};
    update();
    return true;
  }
  times_.push_back(time);
  set_aside_ = time;
  if (started())
    judge_jump();
  else
    judge_beginning();
  update();
  return false;
}

/// The stream begins where a time agrees with the one before it, or with the earliest.
void FutureGuard::judge_beginning() {
  const Time time = times_.back();
  if (times_.size() == 1) return;
  const auto near = [this, time](Time other) {
    return saturating_distance(std::min(time, other), std::max(time, other)) <= limit();
  };
  const Time before = times_[times_.size() - 2];
  const Time earliest = *std::min_element(times_.begin(), times_.end() - 1);
  if (near(before))
    ruling_ = {saturating_add(std::max(time, before), limit()), false};
  else if (near(earliest))
    ruling_ = {saturating_add(std::max(time, earliest), limit()), false};
  else if (times_.size() >= most_set_aside)
    ruling_ = {Time::max(), false};
}

void FutureGuard::judge_jump() {
  std::size_t different = 0;
  for (auto time = times_.begin(); time != times_.end(); ++time)
    if (std::find(times_.begin(), time, *time) == time) ++different;
  if (different >= agreeing_times || times_.size() >= most_set_aside) ruling_ = {Time::max(), false};
}

std::optional<FutureGuard::Ruling> FutureGuard::ruling() {
  if (!ruling_) return std::nullopt;
  const Ruling ruling = *ruling_;
  ruling_.reset();
  if (const Time next = *std::min_element(times_.begin(), times_.end()); started() && next <= ruling.believed)
    longest_pause_ = std::max(longest_pause_, saturating_distance(latest_, next));
  times_.clear();
  highest_ = Time::max();
  return ruling;
}

void FutureGuard::settle(std::vector<Time> kept) {
  times_ = std::move(kept);
  update();
}

void FutureGuard::on_watermark(Time time) {
  if (!limit_ || time <= latest_) return;
  latest_ = time;
  if (!times_.empty()) ruling_ = {saturating_add(latest_, limit()), true};
  update();
}

void FutureGuard::on_pause(Time now) {
  const Time believed = saturating_add(now, usual_skew);
  const Time oldest = saturating_subtract(now, most_age_of_live);
  const auto is_live = [=](Time time) { return time >= oldest && time <= believed; };
  if (std::any_of(times_.begin(), times_.end(), is_live)) ruling_ = {believed, true};
}

void FutureGuard::on_end() {
  if (times_.empty()) return;
  ruling_ = {started() ? saturating_add(latest_, saturating_multiply(limit(), end_limits)) : Time::max(), false};
}

}  // namespace weir
