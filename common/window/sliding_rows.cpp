// SlidingStore, second half: windows close, and rows are computed from the two stacks of each key.
#include <algorithm>

#include "window/sliding_store.hpp"

namespace weir {

/// Merges the panes of a range.
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

/// Moves the stacks to the panes of a window.
void SlidingStore::fold(KeyState& state, PaneNumber from, PaneNumber until) {
  if (state.front_end <= from) return make_front(state, from, until);
  if (has_pane(state, state.back_end, until)) {
    if (state.back == nullptr) state.back = memory_.make_cell();
    merge(state, state.back_end, until, state.back);
  }
  state.back_end = until;
}

/// The front is empty: the panes of the back become the front.
void SlidingStore::make_front(KeyState& state, PaneNumber from, PaneNumber until) {
  end_stacks(state);
  state.front_end = state.back_end = until;
  const std::byte* after = nullptr;
  for (auto block = state.blocks.end(); block != state.blocks.begin();) {
    --block;
    if (block->first() < from) break;  // its single panes: make_head()
    if (block->mask_of(from, until) == 0) continue;
    block->suffix = memory_.make_cell();
    for (unsigned mask = block->mask_of(from, until); mask != 0; mask &= mask - 1)
      layout_.merge(block->suffix, memory_.cell(*block, block->rank(std::countr_zero(mask))));
    if (after != nullptr) layout_.merge(block->suffix, after);
    after = block->suffix;
  }
}

void SlidingStore::make_head(KeyState& state, std::size_t at, PaneNumber from) {
  PaneBlock& block = state.blocks[at];
  PaneBlock& head = state.head;
  memory_.clear(head);
  end_suffix(block);
  head.number = block.number;
  memory_.fill(head, block.mask_of(from, state.front_end));
  const std::byte* after = suffix_after(state, at);
  int of_block = block.rank(std::bit_width(head.mask));
  for (int rank = head.count(); rank-- > 0;) {
    std::byte* const made = memory_.cell(head, rank);
    layout_.merge(made, memory_.cell(block, --of_block));
    if (after != nullptr) layout_.merge(made, after);
    after = made;
  }
}

/// The merged front from a pane on, or nullptr.
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

/// Panes before this one are in no open or kept window.
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
    return comes_before(keys_, {a.prefix, a.id}, {b.prefix, b.id});
  };
  const auto middle = active_.begin() + static_cast<std::ptrdiff_t>(sorted_);
  std::sort(middle, active_.end(), before);
  std::inplace_merge(active_.begin(), middle, active_.end(), before);
  sorted_ = active_.size();
}

/// Prefetches what close_one() needs: with many keys it is not in the cache.
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

/// The next window with records.
void SlidingStore::close_one(const OnRow& on_row) {
  const Window window = window_of(next_);
  const PaneNumber from = first_pane(next_);
  const PaneNumber until = end_pane(next_);
  // A window after the end of Time does not exist.
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

/// Writes the rows of due_, merged from their panes.
void SlidingStore::give_due(Kind kind, const OnRow& on_row) {
  std::sort(due_.begin(), due_.end(), [this](const auto& a, const auto& b) {
    if (a.window != b.window) return a.window < b.window;
    return comes_before(keys_, {a.prefix, a.key}, {b.prefix, b.key});
  });
  due_.erase(std::unique(due_.begin(), due_.end()), due_.end());
  for (const auto& each : due_) {
    std::byte* const cell = memory_.make_cell();
    merge(keys_[each.key], first_pane(each.window), end_pane(each.window), cell);
    std::uint32_t revision = 0;
    if (kind == Kind::revised) {
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
  give_due(Kind::revised, on_row);
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
  give_due(Kind::revised, on_row);
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
  give_due(Kind::early, on_row);
}

}  // namespace weir
