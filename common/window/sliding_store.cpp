#include "window/sliding_store.hpp"

#include <algorithm>
#include <numeric>

#include "record/group_key.hpp"

namespace weir {
namespace {

constexpr std::size_t fewest_keys_to_sweep = 1024;

std::int64_t floor_divide(std::int64_t a, std::int64_t b) { return a / b - (a % b < 0 ? 1 : 0); }

/// The first block that is, or is behind, that of a pane.
template <typename Blocks>
auto block_from(Blocks& blocks, PaneNumber pane) {
  const std::int64_t number = PaneBlock::number_of(pane);
  return std::lower_bound(blocks.begin(), blocks.end(), number,
                          [](const PaneBlock& each, std::int64_t wanted) { return each.number < wanted; });
}

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

/// The last window that ends at or before a watermark.
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

/// The cell of a pane itself, made empty when there is none.
std::byte* SlidingStore::pane_cell(KeyState& state, PaneNumber pane) {
  auto& blocks = state.blocks;
  const std::int64_t number = PaneBlock::number_of(pane);
  auto block = blocks.end();
  int likely = 1;
  if (!blocks.empty() && blocks.back().number >= number) {
    block = blocks.back().number == number ? blocks.end() - 1 : block_from(blocks, pane);
  } else if (!blocks.empty()) {
    likely = blocks.back().count();  // a key that has been there in every pane will be
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

/// The aggregates in the front that a pane is part of.
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
      const std::byte* const behind = next < head.count() ? memory_.cell(head, next) : suffix_behind(state, at);
      if (behind != nullptr) layout_.merge(made, behind);
    }
    const int until = head.number == number ? head.rank(bit) + 1 : head.count();
    for (int i = 0; i < until; ++i) found_.push_back(memory_.cell(head, i));
  }
  if (block->suffix == nullptr && !(has_head && head.number == number)) {
    block->suffix = memory_.make_cell();
    if (const std::byte* const behind = suffix_behind(state, at)) layout_.merge(block->suffix, behind);
  }
  for (std::size_t i = at + 1; i-- > 0;) {
    if (state.blocks[i].suffix != nullptr) found_.push_back(state.blocks[i].suffix);
  }
}

/// What the front has behind a block, or nullptr.
const std::byte* SlidingStore::suffix_behind(const KeyState& state, std::size_t block) const {
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

/// Takes in the panes from one to another.
void SlidingStore::merge(const KeyState& state, PaneNumber from, PaneNumber until, std::byte* into) {
  auto block = state.blocks.end();
  while (block != state.blocks.begin() && (block - 1)->last_pane() >= from) --block;
  for (; block != state.blocks.end() && block->first() < until; ++block) {
    for (unsigned mask = block->mask_of(from, until); mask != 0; mask &= mask - 1)
      layout_.merge(into, memory_.cell(*block, block->rank(std::countr_zero(mask))));
  }
}

void SlidingStore::end_suffix(PaneBlock& block) {
  if (block.suffix != nullptr) memory_.end_cell(std::exchange(block.suffix, nullptr));
}

void SlidingStore::end_stacks(KeyState& state) {
  memory_.clear(state.head);
  for (PaneBlock& block : state.blocks) end_suffix(block);
  if (state.back != nullptr) memory_.end_cell(std::exchange(state.back, nullptr));
  state.front_end = state.back_end = std::numeric_limits<PaneNumber>::min();
}

/// Makes the stacks those of the panes of a window.
void SlidingStore::fold(KeyState& state, PaneNumber from, PaneNumber until) {
  if (state.front_end <= from) return make_front(state, from, until);
  if (has_pane(state, state.back_end, until)) {
    if (state.back == nullptr) state.back = memory_.make_cell();
    merge(state, state.back_end, until, state.back);
  }
  state.back_end = until;
}

/// The front is used up: what the back has is in its panes, and they are the front now.
void SlidingStore::make_front(KeyState& state, PaneNumber from, PaneNumber until) {
  end_stacks(state);
  state.front_end = state.back_end = until;
  const std::byte* behind = nullptr;
  for (auto block = state.blocks.end(); block != state.blocks.begin();) {
    --block;
    if (block->first() < from) break;  // its panes one by one: make_head()
    if (block->mask_of(from, until) == 0) continue;
    block->suffix = memory_.make_cell();
    for (unsigned mask = block->mask_of(from, until); mask != 0; mask &= mask - 1)
      layout_.merge(block->suffix, memory_.cell(*block, block->rank(std::countr_zero(mask))));
    if (behind != nullptr) layout_.merge(block->suffix, behind);
    behind = block->suffix;
  }
}

void SlidingStore::make_head(KeyState& state, std::size_t at, PaneNumber from) {
  PaneBlock& block = state.blocks[at];
  PaneBlock& head = state.head;
  memory_.clear(head);
  end_suffix(block);
  head.number = block.number;
  memory_.fill(head, block.mask_of(from, state.front_end));
  const std::byte* behind = suffix_behind(state, at);
  int of_block = block.rank(std::bit_width(head.mask));
  for (int rank = head.count(); rank-- > 0;) {
    std::byte* const made = memory_.cell(head, rank);
    layout_.merge(made, memory_.cell(block, --of_block));
    if (behind != nullptr) layout_.merge(made, behind);
    behind = made;
  }
}

/// All that the front has from a pane on, or nullptr.
std::byte* SlidingStore::front(KeyState& state, PaneNumber from) {
  auto block = block_from(state.blocks, from);
  const bool within = PaneBlock::bit_of(from) != 0;
  if (within && block != state.blocks.end() && block->first() < from) {
    PaneBlock& head = state.head;
    if (head.cells == nullptr || head.number != block->number)
      make_head(state, static_cast<std::size_t>(block - state.blocks.begin()), from);
    const int rank = head.rank(PaneBlock::bit_of(from));
    if (rank < head.count()) return memory_.cell(head, rank);
    ++block;
  } else if (state.head.cells != nullptr) {
    memory_.clear(state.head);
  }
  for (; block != state.blocks.end(); ++block)
    if (block->suffix != nullptr) return block->suffix;
  return nullptr;
}

/// Panes before this one are in no window any more, nor in one that is kept.
void SlidingStore::drop_before(KeyState& state, PaneNumber pane) {
  auto& blocks = state.blocks;
  const std::int64_t number = PaneBlock::number_of(pane);
  if (blocks.empty() || blocks.front().number >= number) return;
  auto kept = blocks.begin();
  for (; kept != blocks.end() && kept->number < number; ++kept) {
    end_suffix(*kept);
    memory_.clear(*kept);
  }
  blocks.erase(blocks.begin(), kept);
}

void SlidingStore::drop_all() {
  for (const ActiveKey& each : active_) {
    KeyState& state = keys_[each.id];
    end_stacks(state);
    drop_before(state, std::numeric_limits<PaneNumber>::max());
    state.active = false;
  }
  active_.clear();
  sorted_ = 0;
  revised_.clear();
}

void SlidingStore::give_row(KeyState& state, PaneNumber from, const Window& window, std::string_view key,
                            const OnRow& on_row) {
  std::byte* const first = front(state, from);
  if (first == nullptr && state.back == nullptr) return;
  if (first == nullptr || state.back == nullptr) return on_row({window, key, first == nullptr ? state.back : first});
  std::byte* const both = memory_.make_cell();
  layout_.merge(both, first);
  layout_.merge(both, state.back);
  on_row({window, key, both});
  memory_.end_cell(both);
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

/// What close_one() will need soon: with many keys all of it is in memory only.
void SlidingStore::prefetch(std::size_t active) const {
  constexpr std::size_t far = 16;
  constexpr std::size_t near = 8;
  if (active + far < active_.size()) {
    const auto* const state = reinterpret_cast<const char*>(&keys_[active_[active + far].id]);
    __builtin_prefetch(state);
    __builtin_prefetch(state + sizeof(KeyState) - 1);
  }
  if (active + near >= active_.size()) return;
  const KeyState& state = keys_[active_[active + near].id];
  if (state.blocks.empty()) return;
  __builtin_prefetch(state.blocks.data());
  __builtin_prefetch(&state.blocks.back());
  if (state.back != nullptr) __builtin_prefetch(state.back);
  if (state.head.cells != nullptr) __builtin_prefetch(state.head.cells);
}

/// The next window.
void SlidingStore::close_one(const OnRow& on_row) {
  const Window window = window_of(next_);
  const PaneNumber from = first_pane(next_);
  const PaneNumber until = end_pane(next_);
  // Behind the last time that can be held there is no window.
  const bool is_last = window.end == Time::max();
  const PaneNumber live_from = is_last ? std::numeric_limits<PaneNumber>::max() : first_pane(next_ + 1);
  const PaneNumber keep_from = std::min(live_from, keep_from_);
  PaneNumber earliest = std::numeric_limits<PaneNumber>::max();
  if (sorted_ < active_.size()) sort_active();
  std::size_t kept = 0;
  for (std::size_t i = 0; i < active_.size(); ++i) {
    prefetch(i);
    const ActiveKey each = active_[i];
    KeyState& state = keys_[each.id];
    if (!state.blocks.empty() && state.blocks.back().last_pane() >= from) {
      fold(state, from, until);
      give_row(state, from, window, keys_.key(each.id), on_row);
    }
    drop_before(state, keep_from);
    if (state.blocks.empty() || state.blocks.back().last_pane() < live_from) {
      end_stacks(state);
      if (state.blocks.empty() || state.blocks.back().last_pane() < keep_from) {
        drop_before(state, std::numeric_limits<PaneNumber>::max());
        state.active = false;
        continue;
      }
    } else if (earliest > live_from) {
      const auto block = block_from(state.blocks, live_from);
      const std::uint16_t live = block->mask_of(live_from, std::numeric_limits<PaneNumber>::max());
      const PaneBlock& first = live != 0 ? *block : *(block + 1);
      earliest = std::min(earliest, first.first() + std::countr_zero(live != 0 ? live : first.mask));
    }
    active_[kept++] = each;
  }
  active_.resize(kept);
  sorted_ = kept;
  next_ = earliest == std::numeric_limits<PaneNumber>::max() ? none : std::max(next_ + 1, first_with(earliest));
}

bool SlidingStore::is_before(const DueRow& a, const DueRow& b) const {
  if (a.window != b.window) return a.window < b.window;
  if (a.prefix != b.prefix) return a.prefix < b.prefix;
  return GroupKey::compare(keys_.key(a.key), keys_.key(b.key)) < 0;
}

/// The rows of due_, from their panes.
void SlidingStore::give_due(bool revised, const OnRow& on_row) {
  std::sort(due_.begin(), due_.end(), [this](const DueRow& a, const DueRow& b) { return is_before(a, b); });
  due_.erase(std::unique(due_.begin(), due_.end()), due_.end());
  for (const DueRow& each : due_) {
    std::byte* const cell = memory_.make_cell();
    merge(keys_[each.key], first_pane(each.window), end_pane(each.window), cell);
    std::uint32_t revision = 0;
    if (revised) {
      Revised& known = revised_.at({each.window, each.key});
      revision = known.next++;
      known.due = false;
    }
    on_row({window_of(each.window), keys_.key(each.key), cell, revision});
    memory_.end_cell(cell);
  }
  due_.clear();
}

void SlidingStore::close_until(Time watermark, const OnRow& on_row) {
  give_due(true, on_row);
  if (keep_ > Duration::zero()) {
    const WindowNumber over = closed_by(saturating_subtract(watermark, keep_));
    const bool keeps_all = saturating_subtract(watermark, keep_) == Time::min();
    keep_from_ = keeps_all ? std::numeric_limits<PaneNumber>::min() : first_pane(over + 1);
    revised_.erase(revised_.begin(), revised_.upper_bound({over, KeyId{0xffffffff}}));
  }
  while (next_ != none && end_of(next_) <= watermark) close_one(on_row);
  if (next_ == none && !active_.empty() && kept_until() <= watermark) drop_all();
}

void SlidingStore::close_all(const OnRow& on_row) {
  give_due(true, on_row);
  while (next_ != none) close_one(on_row);
  drop_all();
}

void SlidingStore::show_open(const OnRow& on_row) {
  for (const Touched& each : touched_) {
    if (next_ == none) break;
    const std::uint64_t prefix = GroupKey::order_prefix(keys_.key(each.key));
    for (WindowNumber window = std::max(next_, first_with(each.pane)); window <= last_with(each.pane); ++window)
      due_.push_back({window, prefix, each.key});
  }
  touched_.clear();
  give_due(false, on_row);
}

void SlidingStore::sweep() {
  keys_.erase_if([](const KeyState& state) { return !state.active; });
  sweep_at_ = std::max(fewest_keys_to_sweep, keys_.size() * 2);
}

void SlidingStore::add_columns(std::span<const Aggregate> columns) {
  const std::size_t old_parts = layout_.parts();
  const std::size_t old_size = layout_.size();
  for (const Aggregate& column : columns) layout_.add_column(column);
  if (layout_.parts() == old_parts) return;
  const auto old_memory = memory_.renew();
  for (const ActiveKey& each : active_) {
    KeyState& state = keys_[each.id];
    for (PaneBlock& block : state.blocks) {
      memory_.take(block, old_parts, old_size);
      if (block.suffix != nullptr) block.suffix = memory_.take(block.suffix, old_parts);
    }
    memory_.take(state.head, old_parts, old_size);
    if (state.back != nullptr) state.back = memory_.take(state.back, old_parts);
  }
}

}  // namespace weir
