// What win-calc does as time passes: windows are over, and forgotten.
#include <algorithm>

#include "time/saturating.hpp"
#include "win_calc.hpp"

namespace weir::win_calc {

void WinCalc::on_watermark(Time time, Output& out) {
  advance(time, out);
  owed_.note(time, promise(time));
}

/// Finishes the windows that end before `time` and forgets those that take no rows any more.
void WinCalc::advance(Time time, Output& out) {
  if (time <= now_) return;
  now_ = time;
  for (auto held = held_.lower_bound({finished_, Time::min()}); held != held_.end() && held->first.end < now_; ++held)
    finish(held->first, held->second, out);
  finished_ = now_;
  const Time oldest = saturating_subtract(now_, settings_.allow_late);
  while (!held_.empty() && held_.begin()->first.end < oldest) forget(held_.begin());
}

/// Calculates what can be calculated without the missing series.
void WinCalc::finish(const Frame& frame, Joined& joined, Output& out) {
  KeyTable<Group>& groups = joined.groups;
  std::vector<KeyId> unfinished;
  groups.for_each([&](KeyId id) {
    groups[id].over = true;
    if (is_pending(groups[id])) unfinished.push_back(id);
  });
  if (settings_.missing == Missing::wait) return;
  std::sort(unfinished.begin(), unfinished.end(),
            [&groups](KeyId a, KeyId b) { return GroupKey::compare(groups.key(a), groups.key(b)) < 0; });
  for (const KeyId id : unfinished) calculate(frame, joined, id, out);
}

void WinCalc::forget(Held::iterator held) {
  const KeyTable<Group>& groups = held->second.groups;
  groups_ -= groups.size();
  groups.for_each([&](KeyId id) {
    for (const Made& made : groups[id].made) incomplete_ += made.written ? 0 : 1;
  });
  held_.erase(held);
}

bool WinCalc::is_pending(const Group& group) {
  return std::any_of(group.made.begin(), group.made.end(), [](const Made& made) { return !made.written; });
}

/// A result still to come has at least the start of a window with a missing series.
Time WinCalc::promise(Time time) const {
  for (const auto& [frame, joined] : held_)
    if (joined.pending > 0) time = std::min(time, joined.start);
  return time;
}

void WinCalc::fulfil(Output& out) {
  owed_.pay_when_kept([this](Time time) { return promise(time); }, out);
}

void WinCalc::on_end(Output& out) {
  for (auto& [frame, joined] : held_) finish(frame, joined, out);
  while (!held_.empty()) forget(held_.begin());
  fulfil(out);
}

}  // namespace weir::win_calc
