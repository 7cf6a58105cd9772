#include "window/session_store.hpp"

#include <algorithm>
#include <utility>

#include "record/group_key.hpp"

namespace weir {
namespace {

constexpr std::size_t fewest_keys_to_sweep = 1024;

}  // namespace

SessionStore::SessionStore(CellLayout layout, Duration gap, std::size_t max_keys, Duration keep, Duration max_length)
    : KeyedWindowStore(std::move(layout)),
      gap_(gap),
      keep_(keep),
      max_length_(max_length),
      keys_(max_keys),
      sweep_at_(fewest_keys_to_sweep) {}

SessionStore::~SessionStore() {
  keys_.for_each([this](KeyId id) {
    for (const Session& session : keys_[id].sessions) layout_.destroy(session.cell);
  });
}

bool SessionStore::is_near(const Session& session, Time time) const {
  return time < end_of(session) && session.first < saturating_add(time, gap_) && fits(time, session.last);
}

/// Whether the row was written in its present form.
bool SessionStore::is_given(const Session& session) const {
  return session.given.size() == 1 && session.given[0].kind == Kind::whole &&
         session.given[0].window == window_of(session) && session.given[0].records == CellLayout::records(session.cell);
}

/// The time at which the row must be written or, after that, the session can be removed.
Time SessionStore::next_of(const Session& session) const {
  return is_given(session) ? saturating_add(end_of(session), keep_) : end_of(session);
}

std::vector<SessionStore::Session>::iterator SessionStore::first_ending_after(std::vector<Session>& sessions,
                                                                              Time time) const {
  return std::partition_point(sessions.begin(), sessions.end(),
                              [&](const Session& each) { return end_of(each) <= time; });
}

bool SessionStore::is_late(Time time, std::string_view key, Time watermark) {
  if (saturating_add(saturating_add(time, gap_), keep_) > watermark) return false;
  const KeyId id = keys_.find_or_add(key);
  if (id == KeyTable<KeyState>::full) return true;
  auto& sessions = keys_[id].sessions;
  const auto here = first_ending_after(sessions, time);
  return here == sessions.end() || !is_near(*here, time);
}

bool SessionStore::is_taken_late(Time time, std::string_view key, Time watermark) {
  // An on-time record is not late for the session that it extends, although a late record may have kept that session
  // open.
  if (keep_ == Duration::zero() || time >= watermark) return false;
  const KeyId id = keys_.find_or_add(key);
  if (id == KeyTable<KeyState>::full) return false;  // the record will be rejected
  auto& sessions = keys_[id].sessions;
  const auto here = first_ending_after(sessions, time);
  if (here == sessions.end() || !is_near(*here, time)) return saturating_add(time, gap_) <= watermark;
  const auto was_given = [](const Session& session) {
    return std::any_of(session.given.begin(), session.given.end(),
                       [](const Given& each) { return each.kind == Kind::whole; });
  };
  const auto next = here + 1;
  return was_given(*here) ||
         (next != sessions.end() && is_near(*next, time) && fits(here->first, next->last) && was_given(*next));
}

/// Removes keys without a session.
void SessionStore::sweep() {
  keys_.erase_if([](const KeyState& state) { return state.sessions.empty(); });
  sweep_at_ = std::max(fewest_keys_to_sweep, keys_.size() * 2);
}

std::span<std::byte* const> SessionStore::cells(Time time, std::string_view key, Time watermark) {
  static_cast<void>(watermark);
  if (keys_.size() >= sweep_at_) sweep();
  KeyId id = keys_.find_or_add(key);
  if (id == KeyTable<KeyState>::full) {
    sweep();
    id = keys_.find_or_add(key);
    if (id == KeyTable<KeyState>::full) return {};
  }
  KeyState& state = keys_[id];
  auto& sessions = state.sessions;
  const auto here = first_ending_after(sessions, time);
  if (here == sessions.end() || !is_near(*here, time)) {
    std::byte* const cell = pool_.make(layout_);
    sessions.insert(here, {time, time, cell, {}});
    queue(state, id, saturating_add(time, gap_));
    found_ = cell;
    return {&found_, 1};
  }
  const Time end = end_of(*here);
  here->first = std::min(here->first, time);
  here->last = std::max(here->last, time);
  // The record may have closed the pause between this session and the next one; it can be near to two at most.
  if (here + 1 != sessions.end() && is_near(here[1], time) && fits(here->first, here[1].last))
    absorb_next(sessions, here);
  if (!here->given.empty() || end_of(*here) < end) queue(state, id, end_of(*here));
  found_ = here->cell;
  return {&found_, 1};
}

void SessionStore::absorb_next(std::vector<Session>& sessions, std::vector<Session>::iterator here) {
  const auto next = here + 1;
  layout_.merge(here->cell, next->cell);
  here->last = std::max(here->last, next->last);
  here->given.insert(here->given.end(), next->given.begin(), next->given.end());
  pool_.end(layout_, next->cell);
  sessions.erase(next);
}

/// Makes sure that the queue has an entry for the key, no later than its next due time.
void SessionStore::queue(KeyState& state, KeyId id, Time at) {
  if (at >= state.queued) return;
  state.queued = at;
  queue_.push({at, id});
}

Time SessionStore::earliest_start(Time watermark) const {
  Time earliest = saturating_subtract(watermark, gap_);
  keys_.for_each([&](KeyId id) {
    for (const Session& each : keys_[id].sessions)
      if (!is_given(each)) earliest = std::min(earliest, each.first);
  });
  return earliest;
}

/// The rows that the session replaces, where they are of other windows, and its own row.
void SessionStore::give(Session& session, KeyId id, Kind kind, const OnRow& on_row) {
  const Window window = window_of(session);
  std::uint32_t revision = 0;
  for (const Given& each : session.given) {
    revision = std::max(revision, each.next_revision());
    if (each.window == window) continue;
    std::byte* const nothing = pool_.make(layout_);
    on_row({each.window, keys_.key(id), nothing, each.next_revision(),
            each.kind == Kind::whole ? Standing::retracted : Standing::retracted_early});
    pool_.end(layout_, nothing);
  }
  on_row({window, keys_.key(id), session.cell, revision});
  session.given.clear();
  if (kind == Kind::early || keep_ > Duration::zero())
    session.given.push_back({window, revision, kind, CellLayout::records(session.cell)});
}

void SessionStore::give_due(Kind kind, const OnRow& on_row) {
  std::sort(due_.begin(), due_.end(), [this](const DueRow& a, const DueRow& b) {
    if (a.end != b.end) return a.end < b.end;
    return comes_before(keys_, {a.prefix, a.key}, {b.prefix, b.key});
  });
  for (const DueRow& each : due_) {
    auto& sessions = keys_[each.key].sessions;
    give(*std::partition_point(sessions.begin(), sessions.end(),
                               [&](const Session& session) { return session.first < each.first; }),
         each.key, kind, on_row);
  }
  due_.clear();
}

/// Removes written sessions that no record can change any more.
void SessionStore::forget(KeyState& state, Time watermark) {
  auto& sessions = state.sessions;
  std::size_t ending = 0;
  for (; ending < sessions.size() && saturating_add(end_of(sessions[ending]), keep_) <= watermark; ++ending) {
    layout_.destroy(sessions[ending].cell);
    pool_.release(sessions[ending].cell);
  }
  sessions.erase(sessions.begin(), sessions.begin() + static_cast<std::ptrdiff_t>(ending));
}

void SessionStore::close_until(Time watermark, const OnRow& on_row) {
  visited_.clear();
  while (!queue_.empty() && queue_.top().at <= watermark) {
    const Entry entry = queue_.top();
    queue_.pop();
    KeyState& state = keys_[entry.key];
    if (state.queued != entry.at) continue;  // another entry now stands for the key
    state.queued = Time::max();
    visited_.push_back(entry.key);
    for (const Session& each : state.sessions) {
      if (end_of(each) > watermark) break;
      if (!is_given(each))
        due_.push_back({end_of(each), each.first, GroupKey::order_prefix(keys_.key(entry.key)), entry.key});
    }
  }
  give_due(Kind::whole, on_row);
  for (const KeyId id : visited_) {
    KeyState& state = keys_[id];
    forget(state, watermark);
    for (const Session& each : state.sessions) queue(state, id, next_of(each));
  }
}

void SessionStore::show_open(const OnRow& on_row) {
  keys_.for_each([this](KeyId id) {
    for (const Session& each : keys_[id].sessions) {
      const bool shown = each.given.size() == 1 && each.given[0].window == window_of(each) &&
                         each.given[0].records == CellLayout::records(each.cell);
      if (!shown) due_.push_back({end_of(each), each.first, GroupKey::order_prefix(keys_.key(id)), id});
    }
  });
  give_due(Kind::early, on_row);
}

void SessionStore::move_cells(std::size_t parts, std::size_t /*size*/) {
  const CellPool old_pool = std::exchange(pool_, {});
  keys_.for_each([&](KeyId id) {
    for (Session& session : keys_[id].sessions) session.cell = pool_.move(layout_, session.cell, parts);
  });
}

void SessionStore::state(StateArchive& archive) {
  keys_.state(archive, [&](KeyState& state) {
    archive.list(state.sessions, [&](Session& session) {
      if (archive.loading()) session.cell = pool_.make(layout_);
      archive.values(session.first, session.last, session.given);
      layout_.state(archive, session.cell);
    });
    archive.value(state.queued);
  });
  archive.value(sweep_at_);
  auto entries = archive.size(queue_.size());
  if (archive.loading()) {
    for (; entries > 0; --entries) {
      Entry entry{};
      archive.value(entry);
      queue_.push(entry);
    }
  } else {
    for (auto copy = queue_; !copy.empty(); copy.pop()) {
      Entry entry = copy.top();
      archive.value(entry);
    }
  }
}

}  // namespace weir
