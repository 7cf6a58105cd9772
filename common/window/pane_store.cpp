#include "window/pane_store.hpp"

#include <algorithm>
#include <utility>

#include "record/group_key.hpp"

namespace weir {
namespace {

constexpr std::size_t cells_per_slab = 64;
constexpr std::size_t fewest_keys_to_sweep = 1024;

}  // namespace

void PaneStore::KeyState::forget(Time start) {
  if (recent_start == start) recent = nullptr;
  if (open[closed].start == start) {
    ++closed;  // the rule: windows close in the order of their starts
  } else {
    std::erase_if(open, [start](const OpenCell& each) { return each.start == start; });
  }
  if (closed == open.size() || (closed >= 16 && closed * 2 >= open.size())) {
    open.erase(open.begin(), open.begin() + static_cast<std::ptrdiff_t>(closed));
    closed = 0;
  }
}

PaneStore::PaneStore(CellLayout layout, std::size_t max_keys)
    : layout_(std::move(layout)), keys_(max_keys), sweep_at_(fewest_keys_to_sweep) {}

PaneStore::~PaneStore() {
  for (const auto& pane : panes_)
    for (const KeyCell& each : pane->cells) layout_.destroy(each.cell);
}

std::byte* PaneStore::cell(const Window& window, std::string_view key) {
  KeyId id = keys_.find_or_add(key);
  if (id == KeyTable<KeyState>::full) {
    sweep();
    id = keys_.find_or_add(key);
    if (id == KeyTable<KeyState>::full) return nullptr;
  }
  const KeyState& state = keys_[id];
  if (state.recent != nullptr && state.recent_start == window.start) return state.recent;
  return find_or_make(id, window);
}

std::byte* PaneStore::find_or_make(KeyId id, const Window& window) {
  KeyState& state = keys_[id];
  const auto first = state.open.begin() + static_cast<std::ptrdiff_t>(state.closed);
  const auto place = std::lower_bound(first, state.open.end(), window.start,
                                      [](const OpenCell& each, Time start) { return each.start < start; });
  std::byte* cell = nullptr;
  if (place != state.open.end() && place->start == window.start) {
    cell = place->cell;
  } else {
    cell = take_cell();
    layout_.create(cell);
    pane(window).cells.push_back({id, cell});
    state.open.insert(place, {window.start, cell});
  }
  state.recent_start = window.start;
  state.recent = cell;
  if (keys_.size() >= sweep_at_) sweep();
  return cell;
}

/// Keys without an open cell stay in the table, so that one that comes in every window is not added in every window;
/// they go when they are as many as the others.
void PaneStore::sweep() {
  keys_.erase_if([](const KeyState& state) { return state.idle(); });
  sweep_at_ = std::max(fewest_keys_to_sweep, keys_.size() * 2);
}

PaneStore::Pane& PaneStore::pane(const Window& window) {
  auto place = panes_.end();
  if (!panes_.empty() && panes_.back()->window.start >= window.start)
    place = std::lower_bound(panes_.begin(), panes_.end(), window.start,
                             [](const auto& each, Time start) { return each->window.start < start; });
  if (place != panes_.end() && (*place)->window.start == window.start) return **place;
  std::unique_ptr<Pane> fresh;
  if (spare_panes_.empty()) {
    fresh = std::make_unique<Pane>();
  } else {
    fresh = std::move(spare_panes_.back());
    spare_panes_.pop_back();
  }
  fresh->window = window;
  return **panes_.insert(place, std::move(fresh));
}

std::byte* PaneStore::take_cell() {
  if (free_cells_.empty()) {
    const std::size_t size = layout_.size();
    slabs_.push_back(std::make_unique<std::byte[]>(size * cells_per_slab));
    for (std::size_t i = cells_per_slab; i-- > 0;) free_cells_.push_back(slabs_.back().get() + i * size);
  }
  std::byte* const cell = free_cells_.back();
  free_cells_.pop_back();
  return cell;
}

void PaneStore::add_columns(std::span<const Aggregate> columns) {
  const std::size_t old_parts = layout_.parts();
  for (const Aggregate& column : columns) layout_.add_column(column);
  if (layout_.parts() == old_parts) return;
  const auto old_slabs = std::exchange(slabs_, {});
  free_cells_.clear();
  for (const auto& pane : panes_) {
    for (KeyCell& each : pane->cells) {
      std::byte* const moved = take_cell();
      layout_.relocate(each.cell, old_parts, moved);
      each.cell = moved;
      KeyState& state = keys_[each.key];
      if (state.recent_start == pane->window.start) state.recent = nullptr;
      for (std::size_t i = state.closed; i < state.open.size(); ++i)
        if (state.open[i].start == pane->window.start) state.open[i].cell = moved;
    }
  }
}

void PaneStore::close_first(const OnRow& on_row) {
  std::unique_ptr<Pane> closing = std::move(panes_.front());
  panes_.pop_front();
  sorted_.clear();
  for (const KeyCell& each : closing->cells) sorted_.push_back({GroupKey::order_prefix(keys_.key(each.key)), each});
  std::sort(sorted_.begin(), sorted_.end(), [this](const Sorted& a, const Sorted& b) {
    if (a.prefix != b.prefix) return a.prefix < b.prefix;
    return GroupKey::compare(keys_.key(a.cell.key), keys_.key(b.cell.key)) < 0;
  });
  for (const auto& [prefix, each] : sorted_) {
    on_row(closing->window, keys_.key(each.key), each.cell);
    layout_.destroy(each.cell);
    release_cell(each.cell);
    keys_[each.key].forget(closing->window.start);
  }
  closing->cells.clear();
  spare_panes_.push_back(std::move(closing));
}

void PaneStore::close_until(Time watermark, const OnRow& on_row) {
  while (!panes_.empty() && panes_.front()->window.end <= watermark) close_first(on_row);
}

void PaneStore::close_all(const OnRow& on_row) {
  while (!panes_.empty()) close_first(on_row);
}

}  // namespace weir
