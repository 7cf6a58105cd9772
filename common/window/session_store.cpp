#include "window/session_store.hpp"

#include <algorithm>
#include <utility>

#include "record/group_key.hpp"

namespace weir {
namespace {

constexpr std::size_t fewest_keys_to_sweep = 1024;

}  // namespace

SessionStore::SessionStore(CellLayout layout, Duration gap, std::size_t max_keys)
    : KeyedWindowStore(std::move(layout)), gap_(gap), keys_(max_keys), sweep_at_(fewest_keys_to_sweep) {}

SessionStore::~SessionStore() {
  keys_.for_each([this](KeyId id) {
    for (const Session& session : keys_[id].sessions) layout_.destroy(session.cell);
  });
}

bool SessionStore::is_near(const Session& session, Time time) const {
  return time < end_of(session) && session.first < saturating_add(time, gap_);
}

bool SessionStore::is_late(Time time, std::string_view key, Time watermark) {
  if (saturating_add(time, gap_) > watermark) return false;
  const KeyId id = keys_.find_or_add(key);
  if (id == KeyTable<KeyState>::full) return true;
  const auto& sessions = keys_[id].sessions;
  return std::none_of(sessions.begin(), sessions.end(), [&](const Session& each) { return is_near(each, time); });
}

std::span<std::byte* const> SessionStore::cells(Time time, std::string_view key, Time watermark) {
  static_cast<void>(watermark);
  const auto sweep = [this] {
    keys_.erase_if([](const KeyState& state) { return state.sessions.empty(); });
    sweep_at_ = std::max(fewest_keys_to_sweep, keys_.size() * 2);
  };
  if (keys_.size() >= sweep_at_) sweep();
  KeyId id = keys_.find_or_add(key);
  if (id == KeyTable<KeyState>::full) {
    sweep();
    id = keys_.find_or_add(key);
    if (id == KeyTable<KeyState>::full) return {};
  }
  KeyState& state = keys_[id];
  auto& sessions = state.sessions;
  const auto near = [&](const Session& each) { return is_near(each, time); };
  const auto here = std::find_if(sessions.begin(), sessions.end(), near);
  if (here == sessions.end()) {
    std::byte* const cell = pool_.take(layout_.size());
    layout_.create(cell);
    const auto place = std::find_if(sessions.begin(), sessions.end(), [&](const Session& s) { return s.first > time; });
    sessions.insert(place, {time, time, cell});
    queue(state, id);
    found_ = cell;
    return {&found_, 1};
  }
  here->first = std::min(here->first, time);
  here->last = std::max(here->last, time);
  // The record may have closed the pause between this session and the next one; two are the most that it can be near.
  const auto next = here + 1;
  if (next != sessions.end() && is_near(*next, time)) {
    layout_.merge(here->cell, next->cell);
    here->last = std::max(here->last, next->last);
    layout_.destroy(next->cell);
    pool_.release(next->cell);
    sessions.erase(next);
  }
  found_ = here->cell;
  return {&found_, 1};
}

/// Sees to it that the key has an entry at or before the end of its first session to end.
void SessionStore::queue(KeyState& state, KeyId id) {
  const Time end = end_of(state.sessions.front());  // sessions do not overlap, so the first is also the first to end
  if (end >= state.queued) return;
  state.queued = end;
  queue_.push({end, id});
}

Time SessionStore::earliest_start(Time watermark) const {
  Time earliest = saturating_subtract(watermark, gap_);
  keys_.for_each([&](KeyId id) {
    if (!keys_[id].sessions.empty()) earliest = std::min(earliest, keys_[id].sessions.front().first);
  });
  return earliest;
}

void SessionStore::close_until(Time watermark, const OnRow& on_row) {
  ended_.clear();
  while (!queue_.empty() && queue_.top().end <= watermark) {
    const Entry entry = queue_.top();
    queue_.pop();
    KeyState& state = keys_[entry.key];
    if (state.queued != entry.end) continue;  // another entry stands for the key by now
    state.queued = Time::max();
    auto& sessions = state.sessions;
    std::size_t ending = 0;
    for (; ending < sessions.size() && end_of(sessions[ending]) <= watermark; ++ending) {
      const Session& each = sessions[ending];
      ended_.push_back(
          {{each.first, end_of(each)}, GroupKey::order_prefix(keys_.key(entry.key)), entry.key, each.cell});
    }
    sessions.erase(sessions.begin(), sessions.begin() + static_cast<std::ptrdiff_t>(ending));
    if (!sessions.empty()) queue(state, entry.key);
  }
  std::sort(ended_.begin(), ended_.end(), [this](const Ended& a, const Ended& b) {
    if (a.window.end != b.window.end) return a.window.end < b.window.end;
    if (a.prefix != b.prefix) return a.prefix < b.prefix;
    return GroupKey::compare(keys_.key(a.key), keys_.key(b.key)) < 0;
  });
  for (const Ended& each : ended_) {
    on_row({each.window, keys_.key(each.key), each.cell});
    layout_.destroy(each.cell);
    pool_.release(each.cell);
  }
}

void SessionStore::add_columns(std::span<const Aggregate> columns) {
  const std::size_t old_parts = layout_.parts();
  for (const Aggregate& column : columns) layout_.add_column(column);
  if (layout_.parts() == old_parts) return;
  const CellPool old_pool = std::exchange(pool_, {});
  keys_.for_each([&](KeyId id) {
    for (Session& session : keys_[id].sessions) {
      std::byte* const moved = pool_.take(layout_.size());
      layout_.relocate(session.cell, old_parts, moved);
      session.cell = moved;
    }
  });
}

}  // namespace weir
