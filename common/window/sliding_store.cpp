#include "window/sliding_store.hpp"

#include <algorithm>
#include <numeric>

#include "record/group_key.hpp"

namespace weir {
namespace {

constexpr std::size_t fewest_keys_to_sweep = 1024;

std::int64_t floor_divide(std::int64_t a, std::int64_t b) { return a / b - (a % b < 0 ? 1 : 0); }

}  // namespace

SlidingStore::SlidingStore(CellLayout layout, Duration size, Duration every, Time origin, std::size_t max_keys,
                           Duration keep, EarlyRows early)
    : KeyedWindowStore(std::move(layout)),
      size_(size),
      every_(every),
      keep_(keep),
      early_(early),
      pane_size_(std::gcd(size.count(), every.count())),
      panes_per_window_(size / pane_size_),
      panes_per_step_(every / pane_size_),
      origin_(origin),
      panes_(pane_size_, origin),
      keys_(max_keys),
      sweep_at_(fewest_keys_to_sweep),
      memory_(layout_) {}

SlidingStore::~SlidingStore() { drop_all(); }

PaneNumber SlidingStore::pane_of(Time time) const {
  return floor_divide(saturating_distance(origin_, time).count(), pane_size_.count());
}

Time SlidingStore::end_of(WindowNumber window) const {
  std::int64_t length = 0;
  if (__builtin_mul_overflow(window, every_.count(), &length)) return window < 0 ? Time::min() : Time::max();
  return saturating_add(origin_, Duration(length));
}

Window SlidingStore::window_of(WindowNumber window) const {
  const Time end = end_of(window);
  return {saturating_subtract(end, size_), end};
}

/// The last window that the watermark has closed.
SlidingStore::WindowNumber SlidingStore::closed_by(Time watermark) const {
  return floor_divide(saturating_distance(origin_, watermark).count(), every_.count());
}

SlidingStore::WindowNumber SlidingStore::first_with(PaneNumber pane) const {
  return floor_divide(pane, panes_per_step_) + 1;
}
SlidingStore::WindowNumber SlidingStore::last_with(PaneNumber pane) const {
  return floor_divide(pane + panes_per_window_, panes_per_step_);
}

bool SlidingStore::is_late(Time time, std::string_view key, Time watermark) {
  static_cast<void>(key);
  find_pane(time);
  return last_with(pane_number_) <= closed_by(saturating_subtract(watermark, keep_));
}

bool SlidingStore::is_taken_late(Time time, std::string_view key, Time watermark) {
  static_cast<void>(key);
  find_pane(time);
  return keep_ > Duration::zero() && first_window_ <= closed_by(watermark);
}

Time SlidingStore::earliest_start(Time watermark) const { return window_of(closed_by(watermark) + 1).start; }

Time SlidingStore::next_end() const {
  if (!due_.empty()) return Time::min();
  if (next_ != none) return end_of(next_);
  return active_.empty() ? Time::max() : kept_until();
}

void SlidingStore::find_pane(Time time) {
  if (pane_.contains(time)) return;
  pane_ = panes_.window_of(time);
  pane_number_ = pane_of(time);
  first_window_ = first_with(pane_number_);
}

/// The cell of a pane alone; a new one is empty.
std::byte* SlidingStore::pane_cell(KeyState& state, PaneNumber pane) {
  auto& blocks = state.blocks;
  const std::int64_t number = PaneBlock::number_of(pane);
  auto block = blocks.end();
  int likely = 1;
  if (!blocks.empty() && blocks.back().number >= number) {
    block = blocks.back().number == number ? blocks.end() - 1 : block_from(blocks, pane);
  } else if (!blocks.empty()) {
    likely = blocks.back().count();  // usual for a key that is in every pane
  }
  if (block == blocks.end() || block->number != number) {
    block = blocks.insert(block, PaneBlock{});
    block->number = number;
  }
  return memory_.insert(*block, PaneBlock::bit_of(pane), likely);
}

std::span<std::byte* const> SlidingStore::cells(Time time, std::string_view key, Time watermark) {
  find_pane(time);
  const PaneNumber pane = pane_number_;
  KeyId id = keys_.find_or_add(key);
  if (id == KeyTable<KeyState>::full) {
    sweep();
    id = keys_.find_or_add(key);
    if (id == KeyTable<KeyState>::full) return {};
  }
  if (!keys_[id].active) {
    keys_[id].active = true;
    active_.push_back({GroupKey::order_prefix(key), id});
    if (keys_.size() >= sweep_at_) sweep();
  }
  KeyState& state = keys_[id];
  if (first_window_ < next_) {
    const WindowNumber open = std::max(first_window_, closed_by(watermark) + 1);
    if (open <= last_with(pane)) next_ = std::min(next_, open);
  }
  if (keep_ > Duration::zero() && first_window_ <= closed_by(watermark)) mark_due(state, id, key, watermark);
  if (early_ == EarlyRows::wanted && (touched_.empty() || touched_.back().pane != pane || touched_.back().key != id))
    touched_.push_back({pane, id});

  latest_pane_ = std::max(latest_pane_, pane);
  found_.clear();
  found_.push_back(pane_cell(state, pane));
  if (pane < state.back_end && next_ != none && pane >= first_pane(next_)) {
    if (pane < state.front_end) {
      find_front(state, pane);
    } else {
      if (state.back == nullptr) state.back = memory_.make_cell();
      found_.push_back(state.back);
    }
  }
  return found_;
}

/// The front's aggregates that include a pane.
void SlidingStore::find_front(KeyState& state, PaneNumber pane) {
  const std::int64_t number = PaneBlock::number_of(pane);
  const int bit = PaneBlock::bit_of(pane);
  PaneBlock& head = state.head;
  const bool has_head = head.cells != nullptr;
  const auto block = block_from(state.blocks, pane);
  const auto at = static_cast<std::size_t>(block - state.blocks.begin());
  if (has_head && head.number <= number) {
    if (head.number == number && !head.has(bit)) {
      std::byte* const made = memory_.insert(head, bit, 1);
      const int next = head.rank(bit) + 1;
      const std::byte* const after = next < head.count() ? memory_.cell(head, next) : suffix_after(state, at);
      if (after != nullptr) layout_.merge(made, after);
    }
    const int until = head.number == number ? head.rank(bit) + 1 : head.count();
    for (int i = 0; i < until; ++i) found_.push_back(memory_.cell(head, i));
  }
  if (block->suffix == nullptr && !(has_head && head.number == number)) {
    block->suffix = memory_.make_cell();
    if (const std::byte* const after = suffix_after(state, at)) layout_.merge(block->suffix, after);
  }
  for (std::size_t i = at + 1; i-- > 0;) {
    if (state.blocks[i].suffix != nullptr) found_.push_back(state.blocks[i].suffix);
  }
}

/// The suffix of the next block of the front, or nullptr.
const std::byte* SlidingStore::suffix_after(const KeyState& state, std::size_t block) const {
  for (std::size_t i = block + 1; i < state.blocks.size(); ++i)
    if (state.blocks[i].suffix != nullptr) return state.blocks[i].suffix;
  return nullptr;
}

bool SlidingStore::has_pane(const KeyState& state, PaneNumber from, PaneNumber until) {
  for (auto block = block_from(state.blocks, from); block != state.blocks.end() && block->first() < until; ++block)
    if (block->mask_of(from, until) != 0) return true;
  return false;
}

/// A record of this pane changes windows that are closed and kept.
void SlidingStore::mark_due(const KeyState& state, KeyId id, std::string_view key, Time watermark) {
  const WindowNumber first = std::max(first_window_, closed_by(saturating_subtract(watermark, keep_)) + 1);
  const WindowNumber last = std::min(last_with(pane_number_), closed_by(watermark));
  const std::uint64_t prefix = GroupKey::order_prefix(key);
  for (WindowNumber window = first; window <= last; ++window) {
    const auto [place, is_new] = revised_.try_emplace({window, id});
    Revised& revised = place->second;
    if (is_new) revised.next = has_pane(state, first_pane(window), end_pane(window)) ? 1 : 0;
    if (!revised.due) due_.push_back({window, prefix, id});
    revised.due = true;
  }
}

void SlidingStore::sweep() {
  keys_.erase_if([](const KeyState& state) { return !state.active; });
  sweep_at_ = std::max(fewest_keys_to_sweep, keys_.size() * 2);
}

void SlidingStore::move_cells(std::size_t parts, std::size_t size) {
  const auto old_memory = memory_.renew();
  for (const ActiveKey& each : active_) {
    KeyState& state = keys_[each.id];
    for (PaneBlock& block : state.blocks) {
      memory_.take(block, parts, size);
      if (block.suffix != nullptr) block.suffix = memory_.take(block.suffix, parts);
    }
    memory_.take(state.head, parts, size);
    if (state.back != nullptr) state.back = memory_.take(state.back, parts);
  }
}

void SlidingStore::state(StateArchive& archive) {
  keys_.state(archive, [&](KeyState& state) {
    archive.list(state.blocks, [&](PaneBlock& block) { memory_.state(archive, block); });
    memory_.state(archive, state.head);
    memory_.state(archive, state.back);
    archive.values(state.front_end, state.back_end, state.active);
  });
  archive.values(sweep_at_, active_, sorted_, next_, keep_from_, latest_pane_, revised_, due_, touched_);
}

}  // namespace weir
