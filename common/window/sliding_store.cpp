#include "window/sliding_store.hpp"

#include <algorithm>
#include <numeric>
#include <utility>

#include "record/group_key.hpp"

namespace weir {
namespace {

constexpr std::size_t fewest_keys_to_sweep = 1024;

}  // namespace

SlidingStore::SlidingStore(CellLayout layout, Duration size, Duration every, Time origin, std::size_t max_keys)
    : KeyedWindowStore(std::move(layout)),
      size_(size),
      every_(every),
      pane_size_(std::gcd(size.count(), every.count())),
      panes_(pane_size_, origin),
      steps_(every, origin),
      keys_(max_keys),
      sweep_at_(fewest_keys_to_sweep) {}

SlidingStore::~SlidingStore() {
  for (const ActiveKey& each : active_) {
    KeyState& state = keys_[each.id];
    for (std::size_t i = state.dropped; i < state.panes.size(); ++i) layout_.destroy(state.panes[i].cell);
    if (state.back != nullptr) layout_.destroy(state.back);
  }
}

Time SlidingStore::first_end_after(Time time) const { return steps_.window_of(time).end; }

bool SlidingStore::is_late(Time time, std::string_view key, Time watermark) {
  static_cast<void>(key);
  // The last window that holds the time ends at the step at or before time + size.
  return steps_.window_of(saturating_add(time, size_)).start <= watermark;
}

Time SlidingStore::earliest_start(Time watermark) const {
  return saturating_subtract(first_end_after(watermark), size_);
}

std::byte* SlidingStore::make_cell() {
  std::byte* const cell = pool_.take(layout_.size());
  layout_.create(cell);
  return cell;
}

void SlidingStore::end_cell(std::byte* cell) {
  layout_.destroy(cell);
  pool_.release(cell);
}

std::byte* SlidingStore::insert(KeyState& state, std::size_t at, Time start) {
  std::byte* const cell = make_cell();
  state.panes.insert(state.panes.begin() + static_cast<std::ptrdiff_t>(at), {start, cell});
  return cell;
}

std::span<std::byte* const> SlidingStore::cells(Time time, std::string_view key, Time watermark) {
  if (!pane_.contains(time)) pane_ = panes_.window_of(time);
  KeyId id = keys_.find_or_add(key);
  if (id == KeyTable<KeyState>::full) {
    sweep();
    id = keys_.find_or_add(key);
    if (id == KeyTable<KeyState>::full) return {};
  }
  KeyState* state = &keys_[id];
  if (!state->active) {
    state->active = true;
    active_.push_back({GroupKey::order_prefix(key), id});
    if (keys_.size() >= sweep_at_) {
      sweep();
      state = &keys_[id];
    }
  }
  if (const Time after = std::max(time, watermark); after < next_end_)
    next_end_ = std::min(next_end_, first_end_after(after));

  found_.clear();
  const Time start = pane_.start;
  auto& panes = state->panes;
  std::size_t at = panes.size();
  while (at > state->dropped && panes[at - 1].start > start) --at;  // most records are the latest of their key
  const bool exists = at > state->dropped && panes[at - 1].start == start;
  if (exists) --at;
  const bool in_front = at < state->front;
  const bool in_back = !in_front && state->front > state->dropped && at < state->folded;
  // A pane that is new belongs to the back when a later one does, and also when it lies right behind them and its time
  // was folded: then nothing of the key was there to be folded, and fold() will find it.
  if (!exists) {
    std::byte* const cell = insert(*state, at, start);
    if (in_front) {
      layout_.merge(cell, panes[at + 1].cell);
      ++state->front;
      ++state->folded;
    } else if (in_back) {
      ++state->folded;
    }
  }
  if (in_front) {
    for (std::size_t i = state->dropped; i <= at; ++i) found_.push_back(panes[i].cell);
  } else {
    found_.push_back(panes[at].cell);
    if (in_back) found_.push_back(state->back);
  }
  return found_;
}

/// Panes that begin before the time are in no window any more.
void SlidingStore::drop_before(KeyState& state, Time start) {
  while (state.dropped < state.panes.size() && state.panes[state.dropped].start < start)
    end_cell(state.panes[state.dropped++].cell);
  if (state.front <= state.dropped) {  // the front is used up: what the back has is in its panes
    state.front = state.folded = state.dropped;
    if (state.back != nullptr) end_cell(std::exchange(state.back, nullptr));
  }
  if (state.idle() || (state.dropped >= 8 && state.dropped * 8 >= state.panes.size())) {
    state.panes.erase(state.panes.begin(), state.panes.begin() + static_cast<std::ptrdiff_t>(state.dropped));
    state.front -= state.dropped;
    state.folded -= state.dropped;
    state.dropped = 0;
  }
}

/// Takes in the panes before the end of a window.
void SlidingStore::fold(KeyState& state, Time end) {
  auto& panes = state.panes;
  std::size_t until = state.folded;
  while (until < panes.size() && panes[until].start < end) ++until;
  if (state.front > state.dropped) {
    for (; state.folded < until; ++state.folded) layout_.merge(state.back, panes[state.folded].cell);
    return;
  }
  if (until == state.dropped) return;
  for (std::size_t i = until - 1; i-- > state.dropped;) layout_.merge(panes[i].cell, panes[i + 1].cell);
  state.front = state.folded = until;
  state.back = make_cell();
}

void SlidingStore::give_row(KeyState& state, const Window& window, std::string_view key, const OnRow& on_row) {
  if (state.front == state.dropped) return;
  std::byte* const front = state.panes[state.dropped].cell;
  if (state.folded == state.front) return on_row({window, key, front});
  std::byte* const both = make_cell();
  layout_.merge(both, front);
  layout_.merge(both, state.back);
  on_row({window, key, both});
  end_cell(both);
}

void SlidingStore::sort_active() {
  const auto before = [this](const ActiveKey& a, const ActiveKey& b) {
    if (a.prefix != b.prefix) return a.prefix < b.prefix;
    return GroupKey::compare(keys_.key(a.id), keys_.key(b.id)) < 0;
  };
  const auto middle = active_.begin() + static_cast<std::ptrdiff_t>(sorted_);
  std::sort(middle, active_.end(), before);
  std::inplace_merge(active_.begin(), middle, active_.end(), before);
  sorted_ = active_.size();
}

/// The window that ends at next_end_.
void SlidingStore::close_one(const OnRow& on_row) {
  const Window window{saturating_subtract(next_end_, size_), next_end_};
  const Time following = saturating_add(next_end_, every_);
  // Behind the last time that can be held there is no window.
  const Time keep_from = following == Time::max() ? following : saturating_subtract(following, size_);
  Time earliest = Time::max();
  if (sorted_ < active_.size()) sort_active();
  std::size_t kept = 0;
  for (std::size_t i = 0; i < active_.size(); ++i) {
    const ActiveKey each = active_[i];
    KeyState& state = keys_[each.id];
    drop_before(state, window.start);
    fold(state, window.end);
    give_row(state, window, keys_.key(each.id), on_row);
    drop_before(state, keep_from);
    if (state.idle()) {
      state.active = false;
    } else {
      earliest = std::min(earliest, state.panes[state.dropped].start);
      active_[kept++] = each;
    }
  }
  active_.resize(kept);
  sorted_ = kept;
  next_end_ = active_.empty() ? Time::max() : std::max(following, first_end_after(earliest));
}

void SlidingStore::close_until(Time watermark, const OnRow& on_row) {
  while (next_end_ <= watermark && !active_.empty()) close_one(on_row);
}

void SlidingStore::close_all(const OnRow& on_row) {
  while (!active_.empty()) close_one(on_row);
}

void SlidingStore::sweep() {
  keys_.erase_if([](const KeyState& state) { return !state.active; });
  sweep_at_ = std::max(fewest_keys_to_sweep, keys_.size() * 2);
}

void SlidingStore::add_columns(std::span<const Aggregate> columns) {
  const std::size_t old_parts = layout_.parts();
  for (const Aggregate& column : columns) layout_.add_column(column);
  if (layout_.parts() == old_parts) return;
  const CellPool old_pool = std::exchange(pool_, {});
  const auto move = [this, old_parts](std::byte*& cell) {
    std::byte* const moved = pool_.take(layout_.size());
    layout_.relocate(cell, old_parts, moved);
    cell = moved;
  };
  for (const ActiveKey& each : active_) {
    KeyState& state = keys_[each.id];
    for (std::size_t i = state.dropped; i < state.panes.size(); ++i) move(state.panes[i].cell);
    if (state.back != nullptr) move(state.back);
  }
}

}  // namespace weir
