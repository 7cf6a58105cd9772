#include "window/pane_store.hpp"

#include <algorithm>
#include <utility>

#include "record/group_key.hpp"

namespace weir {
namespace {

constexpr std::size_t fewest_keys_to_sweep = 1024;
constexpr std::size_t line_of_cache = 64;

}  // namespace

void PaneStore::OpenCells::insert(Time start, std::byte* cell) {
  const auto place = std::upper_bound(cells.begin() + static_cast<std::ptrdiff_t>(closed), cells.end(), start,
                                      [](Time before, const OpenCell& each) { return before < each.start; });
  cells.insert(place, {start, cell});
}

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
  const auto place = std::lower_bound(cells.begin() + static_cast<std::ptrdiff_t>(closed), cells.end(), start,
                                      [](const OpenCell& each, Time other) { return each.start < other; });
  return place != cells.end() && place->start == start ? place->cell : nullptr;
}

PaneStore::PaneStore(CellLayout layout, std::size_t max_keys, Duration keep)
    : WindowStore(std::move(layout)), keep_(keep), keys_(max_keys), sweep_at_(fewest_keys_to_sweep) {}

PaneStore::~PaneStore() {
  for (const auto& pane : panes_)
    for (const KeyCell& each : pane->cells) layout_.destroy(each.cell);
  for (std::byte* const base : bases_)
    if (base != nullptr) layout_.destroy(base);
}

void PaneStore::fill(std::uint32_t most, std::function<Window(const Window&)> next) {
  most_filled_ = most;
  next_window_ = std::move(next);
}

/// cell() of a key that is not in the table.
std::byte* PaneStore::cell_of_new(const Window& window, std::string_view key) {
  KeyId id = keys_.find_or_add(key);
  if (id == KeyTable<KeyState>::full) {
    sweep();
    id = keys_.find_or_add(key);
    if (id == KeyTable<KeyState>::full) return nullptr;
  }
  return find_or_make(id, window);
}

std::byte* PaneStore::find_or_make(KeyId id, const Window& window) {
  std::byte* cell = find_open(id, window.start);
  if (cell == nullptr) {
    cell = pool_.make(layout_);
    pane(window).cells.push_back({id, 0, cell});
    add_open(id, window.start, cell);
  }
  keys_[id].set_recent(window.start, cell);
  if (keys_.size() >= sweep_at_) sweep();
  return cell;
}

std::byte* PaneStore::find_open(KeyId id, Time start) const {
  const KeyState& state = keys_[id];
  if (state.is_recent(start)) return state.recent;
  return state.open != 0 ? open_of(state).find(start) : nullptr;
}

void PaneStore::add_open(KeyId id, Time start, std::byte* cell) {
  KeyState& state = keys_[id];
  if (!state.has_open()) return state.set_recent(start, cell);
  if (state.open == 0) {
    if (spare_open_.empty()) {
      open_.emplace_back();
      state.open = static_cast<std::uint32_t>(open_.size());
    } else {
      state.open = spare_open_.back() + 1;
      spare_open_.pop_back();
    }
    open_of(state).cells.push_back({Time(Duration(state.recent_start)), state.recent});
  }
  open_of(state).insert(start, cell);
}

void PaneStore::forget_open(KeyId id, Time start) {
  KeyState& state = keys_[id];
  if (state.is_recent(start)) state.recent = nullptr;
  if (state.open == 0) return;
  OpenCells& open = open_of(state);
  open.forget(start);
  if (open.open().size() > 1) return;
  state.set_recent(open.open()[0].start, open.open()[0].cell);
  open.cells.clear();
  open.closed = 0;
  spare_open_.push_back(state.open - 1);
  state.open = 0;
}

/// Keys without an open cell stay in the table, so that a key of every window is not added for each. They are removed
/// when they are as many as the others.
void PaneStore::sweep() {
  if (!layout_.carries()) keys_.erase_if([](const KeyState& state) { return !state.has_open(); });
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
  const bool had_row = id != KeyTable<KeyState>::full && find_open(id, window.start) != nullptr;
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
    const std::byte* const cell = find_open(id, next.start);
    if (cell == nullptr) continue;
    revise(next, id, true);
    if (layout_.carries_all(cell)) return;
  }
}

/// What the key had before a window: its base, and the cells of earlier windows that are still held.
const std::byte* PaneStore::before(KeyId id, Time start) {
  if (!layout_.carries()) return nullptr;
  std::byte* const base = base_of(id);
  const KeyState& state = keys_[id];
  if (state.open == 0) return base;  // its only open cell is that of the window itself
  for (const OpenCell& each : open_of(state).open()) {
    if (each.start >= start) break;
    if (scratch_ == nullptr) {
      scratch_ = pool_.make(layout_);
      if (base != nullptr) layout_.carry(scratch_, base);
    }
    layout_.carry(scratch_, each.cell);
  }
  return scratch_ != nullptr ? scratch_ : base;
}

std::byte*& PaneStore::base_to_set(KeyId id) {
  const auto at = static_cast<std::size_t>(id);
  if (bases_.size() <= at) bases_.resize(at + 1);
  return bases_[at];
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
    if (left == 0 || find_open(each.key, next.start) != nullptr) continue;
    find_or_make(each.key, next);
    pane(next).cells.back().shown = ~(left - 1);
  }
}

Time PaneStore::next_end() const {
  if (!due_.empty()) return Time::min();
  const Time open_end = closed_ < panes_.size() ? panes_[closed_]->window.end : Time::max();
  return closed_ == 0 ? open_end : std::min(open_end, saturating_add(panes_.front()->window.end, keep_));
}

void PaneStore::move_cells(std::size_t parts, std::size_t /*size*/) {
  const CellPool old_pool = std::exchange(pool_, {});
  for (const auto& pane : panes_) {
    for (KeyCell& each : pane->cells) {
      each.cell = pool_.move(layout_, each.cell, parts);
      KeyState& state = keys_[each.key];
      if (state.is_recent(pane->window.start)) state.recent = each.cell;
      if (state.open == 0) continue;
      for (OpenCell& open : open_of(state).cells)
        if (open.start == pane->window.start) open.cell = each.cell;
    }
  }
  for (std::byte*& base : bases_)
    if (base != nullptr) base = pool_.move(layout_, base, parts);
}

void PaneStore::give_rows(Pane& pane, Which which, const OnRow& on_row) {
  sorted_.clear();
  std::uint32_t place = 0;
  for (KeyCell& each : pane.cells) {
    const std::uint32_t own_place = place++;
    if (which != Which::all && CellLayout::records(each.cell) == 0) continue;
    if (which == Which::changed) {
      const auto records = static_cast<std::uint32_t>(CellLayout::records(each.cell));
      if (std::exchange(each.shown, records) == records) continue;
    }
    sorted_.push_back({GroupKey::order_prefix(keys_.key(each.key)), own_place});
  }
  std::sort(sorted_.begin(), sorted_.end(), [this, &pane](const Sorted& a, const Sorted& b) {
    if (a.prefix != b.prefix) return a.prefix < b.prefix;
    return GroupKey::compare(keys_.key(pane.cells[a.place].key), keys_.key(pane.cells[b.place].key)) < 0;
  });
  const bool carries = layout_.carries();
  for (std::size_t i = 0; i < sorted_.size(); ++i) {
    prefetch_row(pane, i);
    const KeyCell& each = pane.cells[sorted_[i].place];
    if (carries)
      give(pane.window, each.key, each.cell, 0, on_row);
    else
      on_row({pane.window, keys_.key(each.key), each.cell});
  }
}

/// Prefetches what a row after that one needs: they lie in the order in which keys came, not in that of rows.
void PaneStore::prefetch_row(const Pane& pane, std::size_t at) const {
  constexpr std::size_t ahead = 8;
  if (at + 2 * ahead < sorted_.size()) __builtin_prefetch(&pane.cells[sorted_[at + 2 * ahead].place]);
  if (at + ahead >= sorted_.size()) return;
  const KeyCell& next = pane.cells[sorted_[at + ahead].place];
  keys_.prefetch(next.key);
  prefetch_cell(next.cell);
}

void PaneStore::prefetch_cell(const std::byte* cell) const {
  for (std::size_t at = 0; at < layout_.size(); at += line_of_cache) __builtin_prefetch(cell + at);
  __builtin_prefetch(cell + layout_.size() - 1);
}

void PaneStore::give_revised(const OnRow& on_row) {
  if (due_.empty()) return;
  std::sort(due_.begin(), due_.end(), [this](const auto& a, const auto& b) {
    if (a.window.end != b.window.end) return a.window.end < b.window.end;
    return comes_before(keys_, {a.prefix, a.key}, {b.prefix, b.key});
  });
  for (const auto& each : due_) {
    Revised& revised = revised_.at({each.window.start, each.key});
    give(each.window, each.key, find_open(each.key, each.window.start), revised.next++, on_row);
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
      std::byte*& base = base_to_set(each.key);
      if (base == nullptr) base = pool_.make(layout_);
      layout_.carry(base, each.cell);
    }
    layout_.destroy(each.cell);
    pool_.release(each.cell);
    forget_open(each.key, ending->window.start);
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
      std::count_if(bases_.begin(), bases_.end(), [](const std::byte* each) { return each != nullptr; })));
  for (std::uint32_t i = 0; left > 0; --left, ++i) {
    while (archive.saving() && bases_[i] == nullptr) ++i;
    archive.value(i);
    if (i >= keys_.size()) throw SnapshotError("a table of keys that cannot exist");
    std::byte*& base = base_to_set(KeyId{i});
    if (archive.loading()) base = pool_.make(layout_);
    layout_.state(archive, base);
  }
}

}  // namespace weir
