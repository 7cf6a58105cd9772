#include "window/pane_store.hpp"

#include <algorithm>
#include <utility>

#include "record/group_key.hpp"

namespace weir {
namespace {

constexpr std::size_t fewest_keys_to_sweep = 1024;

}  // namespace

void PaneStore::OpenCells::forget(Time start) {
  if (cells[closed].start == start) {
    ++closed;  // windows close in the order of their starts
  } else {
    std::erase_if(cells, [start](const OpenCell& each) { return each.start == start; });
  }
  if (closed == cells.size() || (closed >= 16 && closed * 2 >= cells.size())) {
    cells.erase(cells.begin(), cells.begin() + static_cast<std::ptrdiff_t>(closed));
    closed = 0;
  }
}

std::byte* PaneStore::OpenCells::find(Time start) const {
  for (std::size_t i = closed; i < cells.size(); ++i)
    if (cells[i].start == start) return cells[i].cell;
  return nullptr;
}

PaneStore::PaneStore(CellLayout layout, std::size_t max_keys, Duration keep)
    : WindowStore(std::move(layout)), keep_(keep), keys_(max_keys), sweep_at_(fewest_keys_to_sweep) {}

PaneStore::~PaneStore() {
  for (const auto& pane : panes_)
    for (const KeyCell& each : pane->cells) layout_.destroy(each.cell);
  for (const OpenCells& open : open_)
    if (open.base != nullptr) layout_.destroy(open.base);
}

void PaneStore::fill(std::uint32_t most, std::function<Window(const Window&)> next) {
  most_filled_ = most;
  next_window_ = std::move(next);
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
  if (open_.size() <= static_cast<std::size_t>(id)) open_.resize(static_cast<std::size_t>(id) + 1);
  KeyState& state = keys_[id];
  OpenCells& open = open_of(id);
  const auto first = open.cells.begin() + static_cast<std::ptrdiff_t>(open.closed);
  const auto place = std::lower_bound(first, open.cells.end(), window.start,
                                      [](const OpenCell& each, Time start) { return each.start < start; });
  std::byte* cell = nullptr;
  if (place != open.cells.end() && place->start == window.start) {
    cell = place->cell;
  } else {
    cell = pool_.make(layout_);
    pane(window).cells.push_back({id, 0, cell});
    open.cells.insert(place, {window.start, cell});
    ++state.open;
  }
  state.recent_start = window.start;
  state.recent = cell;
  if (keys_.size() >= sweep_at_) sweep();
  return cell;
}

/// Keys without an open cell stay in the table, so that a key of every window is not added for each. They are removed
/// when they are as many as the others.
void PaneStore::sweep() {
  if (!layout_.carries()) keys_.erase_if([](const KeyState& state) { return state.open == 0; });
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

std::byte* PaneStore::cell_again(const Window& window, std::string_view key) {
  const std::size_t panes_before = panes_.size();
  KeyId id = keys_.find_or_add(key);
  const bool had_row =
      id != KeyTable<KeyState>::full && keys_[id].open > 0 && open_of(id).find(window.start) != nullptr;
  std::byte* const made = cell(window, key);
  if (made == nullptr) return nullptr;
  if (panes_.size() > panes_before) ++closed_;
  id = keys_.find_or_add(key);
  revise(window, id, had_row);
  if (layout_.carries()) revise_following(window, id);
  return made;
}

void PaneStore::revise(const Window& window, KeyId id, bool had_row) {
  Revised& revised = revised_.try_emplace({window.start, id}, Revised{had_row ? 1U : 0U, false}).first->second;
  if (!revised.due) due_.push_back({window, GroupKey::order_prefix(keys_.key(id)), id});
  revised.due = true;
}

/// Revises the closed windows that take in what the key had in this one.
void PaneStore::revise_following(const Window& window, KeyId id) {
  for (std::size_t i = 0; i < closed_; ++i) {
    const Window& next = panes_[i]->window;
    if (next.start <= window.start) continue;
    const std::byte* const cell = open_of(id).find(next.start);
    if (cell == nullptr) continue;
    revise(next, id, true);
    if (layout_.carries_all(cell)) return;
  }
}

/// What the key had before a window: its base, and the cells of earlier windows that are still held.
const std::byte* PaneStore::before(KeyId id, Time start) {
  if (!layout_.carries()) return nullptr;
  const OpenCells& open = open_of(id);
  if (open.closed == open.cells.size() || open.cells[open.closed].start >= start) return open.base;
  scratch_ = pool_.make(layout_);
  if (open.base != nullptr) layout_.carry(scratch_, open.base);
  for (std::size_t i = open.closed; i < open.cells.size() && open.cells[i].start < start; ++i)
    layout_.carry(scratch_, open.cells[i].cell);
  return scratch_;
}

void PaneStore::give(const Window& window, KeyId id, std::byte* cell, std::uint32_t revision, const OnRow& on_row) {
  on_row({window, keys_.key(id), cell, revision, Standing::holds, before(id, window.start)});
  if (scratch_ != nullptr) pool_.end(layout_, std::exchange(scratch_, nullptr));
}

/// Gives the keys of a closed window a cell in the next one, so that it has a row if no record comes.
void PaneStore::fill_after(const Pane& closed) {
  const Window next = next_window_(closed.window);
  for (const KeyCell& each : closed.cells) {
    const std::uint32_t left = CellLayout::records(each.cell) > 0 ? most_filled_ : ~each.shown;
    if (left == 0 || open_of(each.key).find(next.start) != nullptr) continue;
    find_or_make(each.key, next);
    pane(next).cells.back().shown = ~(left - 1);
  }
}

Time PaneStore::next_end() const {
  if (!due_.empty()) return Time::min();
  const Time open_end = closed_ < panes_.size() ? panes_[closed_]->window.end : Time::max();
  return closed_ == 0 ? open_end : std::min(open_end, saturating_add(panes_.front()->window.end, keep_));
}

void PaneStore::add_columns(std::span<const Aggregate> columns) {
  const std::size_t old_parts = layout_.parts();
  for (const Aggregate& column : columns) layout_.add_column(column);
  if (layout_.parts() == old_parts) return;
  const CellPool old_pool = std::exchange(pool_, {});
  for (const auto& pane : panes_) {
    for (KeyCell& each : pane->cells) {
      std::byte* const moved = pool_.take(layout_.size());
      layout_.relocate(each.cell, old_parts, moved);
      each.cell = moved;
      KeyState& state = keys_[each.key];
      if (state.recent_start == pane->window.start) state.recent = nullptr;
      for (OpenCell& open : open_of(each.key).cells)
        if (open.start == pane->window.start) open.cell = moved;
    }
  }
  for (OpenCells& open : open_) {
    if (open.base == nullptr) continue;
    std::byte* const moved = pool_.take(layout_.size());
    layout_.relocate(open.base, old_parts, moved);
    open.base = moved;
  }
}

void PaneStore::give_rows(Pane& pane, Which which, const OnRow& on_row) {
  sorted_.clear();
  for (KeyCell& each : pane.cells) {
    if (which != Which::all && CellLayout::records(each.cell) == 0) continue;
    if (which == Which::changed) {
      const auto records = static_cast<std::uint32_t>(CellLayout::records(each.cell));
      if (std::exchange(each.shown, records) == records) continue;
    }
    sorted_.push_back({GroupKey::order_prefix(keys_.key(each.key)), each});
  }
  std::sort(sorted_.begin(), sorted_.end(), [this](const Sorted& a, const Sorted& b) {
    return comes_before(keys_, {a.prefix, a.cell.key}, {b.prefix, b.cell.key});
  });
  const bool carries = layout_.carries();
  for (const auto& [prefix, each] : sorted_) {
    if (carries)
      give(pane.window, each.key, each.cell, 0, on_row);
    else
      on_row({pane.window, keys_.key(each.key), each.cell});
  }
}

void PaneStore::give_revised(const OnRow& on_row) {
  if (due_.empty()) return;
  std::sort(due_.begin(), due_.end(), [this](const auto& a, const auto& b) {
    if (a.window.end != b.window.end) return a.window.end < b.window.end;
    return comes_before(keys_, {a.prefix, a.key}, {b.prefix, b.key});
  });
  for (const auto& each : due_) {
    Revised& revised = revised_.at({each.window.start, each.key});
    give(each.window, each.key, open_of(each.key).find(each.window.start), revised.next++, on_row);
    revised.due = false;
  }
  due_.clear();
}

/// Removes the first window, whose rows have been written.
void PaneStore::end_first() {
  std::unique_ptr<Pane> ending = std::move(panes_.front());
  panes_.pop_front();
  for (const KeyCell& each : ending->cells) {
    if (layout_.carries()) {
      std::byte*& base = open_of(each.key).base;
      if (base == nullptr) base = pool_.make(layout_);
      layout_.carry(base, each.cell);
    }
    layout_.destroy(each.cell);
    pool_.release(each.cell);
    KeyState& state = keys_[each.key];
    --state.open;
    if (state.recent_start == ending->window.start) state.recent = nullptr;
    open_of(each.key).forget(ending->window.start);
  }
  if (!revised_.empty())
    revised_.erase(revised_.begin(), revised_.upper_bound({ending->window.start, KeyId{0xffffffff}}));
  ending->cells.clear();
  spare_panes_.push_back(std::move(ending));
}

void PaneStore::close_until(Time watermark, const OnRow& on_row) {
  give_revised(on_row);
  while (closed_ < panes_.size() && panes_[closed_]->window.end <= watermark) {
    give_rows(*panes_[closed_], Which::all, on_row);
    if (most_filled_ > 0) fill_after(*panes_[closed_]);
    if (keep_ > Duration::zero()) {
      ++closed_;
    } else {
      end_first();
    }
  }
  for (; closed_ > 0 && saturating_add(panes_.front()->window.end, keep_) <= watermark; --closed_) end_first();
}

void PaneStore::close_all(const OnRow& on_row) {
  give_revised(on_row);
  for (; closed_ > 0; --closed_) end_first();
  for (; !panes_.empty(); end_first()) give_rows(*panes_.front(), Which::with_records, on_row);
}

void PaneStore::show_open(const OnRow& on_row) {
  for (std::size_t i = closed_; i < panes_.size(); ++i) give_rows(*panes_[i], Which::changed, on_row);
}

void PaneStore::state(StateArchive& archive) {
  keys_.state(archive, [](KeyState&) {});  // the panes' cells are counted
  archive.value(sweep_at_);
  archive.list(panes_, [&](std::unique_ptr<Pane>& pane) {
    if (archive.loading()) pane = std::make_unique<Pane>();
    archive.value(pane->window);
    archive.list(pane->cells, [&](KeyCell& each) {
      if (archive.loading()) each.cell = pool_.make(layout_);
      archive.values(each.key, each.shown);
      layout_.state(archive, each.cell);
      if (archive.loading()) add_open(each.key, pane->window.start, each.cell);
    });
  });
  archive.values(closed_, revised_, due_);
  if (archive.loading() ? layout_.loads_carried() : layout_.carries()) state_of_bases(archive);
}

void PaneStore::state_of_bases(StateArchive& archive) {
  auto left = archive.size(static_cast<std::uint64_t>(
      std::count_if(open_.begin(), open_.end(), [](const OpenCells& each) { return each.base != nullptr; })));
  for (std::uint32_t i = 0; left > 0; --left, ++i) {
    while (archive.saving() && open_[i].base == nullptr) ++i;
    archive.value(i);
    if (i >= keys_.size()) throw SnapshotError("a table of keys that cannot exist");
    if (open_.size() <= i) open_.resize(i + 1);
    if (archive.loading()) open_[i].base = pool_.make(layout_);
    layout_.state(archive, open_[i].base);
  }
}

void PaneStore::add_open(KeyId id, Time start, std::byte* cell) {
  if (open_.size() <= static_cast<std::size_t>(id)) open_.resize(static_cast<std::size_t>(id) + 1);
  open_of(id).cells.push_back({start, cell});
  ++keys_[id].open;
}

}  // namespace weir
