// What the stores of open windows write into snapshots.
#include "window/count_store.hpp"
#include "window/pane_store.hpp"
#include "window/session_store.hpp"
#include "window/sliding_store.hpp"

namespace weir {

void PaneStore::snapshot(SnapshotWriter& to) const {
  keys_.snapshot(to, [](SnapshotWriter&, const KeyState&) {});
  to.number<std::uint64_t>(sweep_at_);
  to.number<std::uint64_t>(panes_.size());
  for (const auto& pane : panes_) {
    to.plain(pane->window);
    to.number<std::uint64_t>(pane->cells.size());
    for (const KeyCell& each : pane->cells) {
      to.plain(each.key);
      to.number(each.shown);
      layout_.snapshot(to, each.cell);
    }
  }
  to.number<std::uint64_t>(closed_);
  to.number<std::uint64_t>(revised_.size());
  for (const auto& [place, revised] : revised_) {
    to.plain(place.first);
    to.plain(place.second);
    to.plain(revised);
  }
  to.all(due_);
}

void PaneStore::restore(SnapshotReader& from) {
  keys_.restore(from, [](SnapshotReader&, KeyState&) {});
  sweep_at_ = from.number<std::uint64_t>();
  for (auto panes = from.number<std::uint64_t>(); panes > 0; --panes) {
    Pane& pane = *panes_.emplace_back(std::make_unique<Pane>());
    pane.window = from.plain<Window>();
    for (auto cells = from.number<std::uint64_t>(); cells > 0; --cells) {
      const auto key = from.plain<KeyId>();
      const auto shown = from.number<std::uint32_t>();
      std::byte* const cell = pool_.take(layout_.size());
      layout_.restore(from, cell);
      pane.cells.push_back({key, shown, cell});
      if (open_.size() <= static_cast<std::size_t>(key)) open_.resize(static_cast<std::size_t>(key) + 1);
      open_of(key).cells.push_back({pane.window.start, cell});
      ++keys_[key].open;
    }
  }
  closed_ = from.number<std::uint64_t>();
  for (auto left = from.number<std::uint64_t>(); left > 0; --left) {
    const auto start = from.plain<Time>();
    const auto key = from.plain<KeyId>();
    revised_.emplace(std::pair(start, key), from.plain<Revised>());
  }
  from.all(due_);
}

void SessionStore::snapshot(SnapshotWriter& to) const {
  keys_.snapshot(to, [this](SnapshotWriter& each, const KeyState& state) {
    each.number<std::uint64_t>(state.sessions.size());
    for (const Session& session : state.sessions) {
      each.plain(session.first);
      each.plain(session.last);
      layout_.snapshot(each, session.cell);
      each.all(session.given);
    }
    each.plain(state.queued);
  });
  to.number<std::uint64_t>(sweep_at_);
  auto queue = queue_;
  to.number<std::uint64_t>(queue.size());
  for (; !queue.empty(); queue.pop()) to.plain(queue.top());
}

void SessionStore::restore(SnapshotReader& from) {
  keys_.restore(from, [this](SnapshotReader& each, KeyState& state) {
    for (auto left = each.number<std::uint64_t>(); left > 0; --left) {
      const auto first = each.plain<Time>();
      const auto last = each.plain<Time>();
      std::byte* const cell = pool_.take(layout_.size());
      layout_.restore(each, cell);
      each.all(state.sessions.emplace_back(Session{first, last, cell, {}}).given);
    }
    state.queued = each.plain<Time>();
  });
  sweep_at_ = from.number<std::uint64_t>();
  for (auto left = from.number<std::uint64_t>(); left > 0; --left) queue_.push(from.plain<Entry>());
}

void CountStore::snapshot(SnapshotWriter& to) const {
  keys_.snapshot(to, [this](SnapshotWriter& each, const KeyState& state) {
    each.number(state.cell != nullptr);
    if (state.cell == nullptr) return;
    each.plain(state.window);
    layout_.snapshot(each, state.cell);
  });
}

void CountStore::restore(SnapshotReader& from) {
  keys_.restore(from, [this](SnapshotReader& each, KeyState& state) {
    if (!each.number<bool>()) return;
    state.window = each.plain<Window>();
    state.cell = pool_.take(layout_.size());
    layout_.restore(each, state.cell);
  });
}

void BlockMemory::restore(PaneBlock& block, std::uint16_t mask, SnapshotReader& from) {
  block.mask = mask;
  if (mask == 0) return;
  block.capacity = static_cast<std::uint8_t>(std::bit_ceil(static_cast<unsigned>(block.count())));
  block.cells = raw(block.capacity);
  for (int i = 0; i < block.count(); ++i) layout_.restore(from, cell(block, i));
}

/// Its cells and its suffix.
void SlidingStore::write_block(SnapshotWriter& to, const PaneBlock& block) const {
  to.number(block.number);
  to.number(block.cells == nullptr ? std::uint16_t{0} : block.mask);
  if (block.cells != nullptr)
    for (int i = 0; i < block.count(); ++i) layout_.snapshot(to, memory_.cell(block, i));
  to.number(block.suffix != nullptr);
  if (block.suffix != nullptr) layout_.snapshot(to, block.suffix);
}

std::byte* SlidingStore::read_cell(SnapshotReader& from) {
  std::byte* const cell = memory_.make_cell();
  layout_.destroy(cell);
  layout_.restore(from, cell);
  return cell;
}

void SlidingStore::read_block(SnapshotReader& from, PaneBlock& block) {
  block.number = from.number<std::int64_t>();
  memory_.restore(block, from.number<std::uint16_t>(), from);
  if (from.number<bool>()) block.suffix = read_cell(from);
}

void SlidingStore::snapshot(SnapshotWriter& to) const {
  keys_.snapshot(to, [this](SnapshotWriter& each, const KeyState& state) {
    each.number<std::uint64_t>(state.blocks.size());
    for (const PaneBlock& block : state.blocks) write_block(each, block);
    write_block(each, state.head);
    each.number(state.back != nullptr);
    if (state.back != nullptr) layout_.snapshot(each, state.back);
    each.number(state.front_end);
    each.number(state.back_end);
    each.number(state.active);
  });
  to.number<std::uint64_t>(sweep_at_);
  to.all(active_);
  to.number<std::uint64_t>(sorted_);
  to.number(next_);
  to.number(keep_from_);
  to.number(latest_pane_);
  to.number<std::uint64_t>(revised_.size());
  for (const auto& [place, revised] : revised_) {
    to.number(place.first);
    to.plain(place.second);
    to.plain(revised);
  }
  to.all(due_);
  to.all(touched_);
}

void SlidingStore::restore(SnapshotReader& from) {
  keys_.restore(from, [this](SnapshotReader& each, KeyState& state) {
    for (auto left = each.number<std::uint64_t>(); left > 0; --left) read_block(each, state.blocks.emplace_back());
    read_block(each, state.head);
    if (each.number<bool>()) state.back = read_cell(each);
    state.front_end = each.number<PaneNumber>();
    state.back_end = each.number<PaneNumber>();
    state.active = each.number<bool>();
  });
  sweep_at_ = from.number<std::uint64_t>();
  from.all(active_);
  sorted_ = from.number<std::uint64_t>();
  next_ = from.number<WindowNumber>();
  keep_from_ = from.number<PaneNumber>();
  latest_pane_ = from.number<PaneNumber>();
  for (auto left = from.number<std::uint64_t>(); left > 0; --left) {
    const auto window = from.number<WindowNumber>();
    const auto key = from.plain<KeyId>();
    revised_.emplace(std::pair(window, key), from.plain<Revised>());
  }
  from.all(due_);
  from.all(touched_);
}

}  // namespace weir
