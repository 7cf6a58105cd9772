#include "window/count_store.hpp"

#include <algorithm>
#include <utility>

#include "record/group_key.hpp"

namespace weir {

CountStore::CountStore(CellLayout layout, std::uint64_t records, std::size_t max_keys)
    : KeyedWindowStore(std::move(layout)), records_(records), keys_(max_keys) {}

CountStore::~CountStore() {
  keys_.for_each([this](KeyId id) {
    if (keys_[id].cell != nullptr) layout_.destroy(keys_[id].cell);
  });
}

bool CountStore::is_late(Time time, std::string_view key, Time watermark) {
  static_cast<void>(time);
  static_cast<void>(key);
  static_cast<void>(watermark);
  return false;
}

std::span<std::byte* const> CountStore::cells(Time time, std::string_view key, Time watermark) {
  static_cast<void>(watermark);
  KeyId id = keys_.find_or_add(key);
  if (id == KeyTable<KeyState>::full) {
    keys_.erase_if([](const KeyState& state) { return state.cell == nullptr; });
    id = keys_.find_or_add(key);
    if (id == KeyTable<KeyState>::full) return {};
  }
  KeyState& state = keys_[id];
  if (state.cell == nullptr) {
    state.cell = pool_.make(layout_);
    state.window = {time, time};
  }
  state.window = {std::min(state.window.start, time), std::max(state.window.end, time)};
  return {&state.cell, 1};
}

bool CountStore::added(Time time, std::string_view key) {
  static_cast<void>(time);
  const KeyId id = keys_.find_or_add(key);
  if (CellLayout::records(keys_[id].cell) < records_) return false;
  full_.push_back(id);
  return true;
}

Time CountStore::earliest_start(Time watermark) const {
  Time earliest = watermark;
  keys_.for_each([&](KeyId id) {
    if (keys_[id].cell != nullptr) earliest = std::min(earliest, keys_[id].window.start);
  });
  return earliest;
}

void CountStore::end(KeyId id, const OnRow& on_row) {
  KeyState& state = keys_[id];
  on_row({state.window, keys_.key(id), state.cell});
  layout_.destroy(state.cell);
  pool_.release(std::exchange(state.cell, nullptr));
}

void CountStore::close_until(Time watermark, const OnRow& on_row) {
  static_cast<void>(watermark);
  for (const KeyId id : full_) end(id, on_row);
  full_.clear();
}

void CountStore::close_all(const OnRow& on_row) {
  std::vector<KeyId> open;
  keys_.for_each([&](KeyId id) {
    if (keys_[id].cell != nullptr) open.push_back(id);
  });
  std::sort(open.begin(), open.end(), [this](KeyId a, KeyId b) {
    if (keys_[a].window.end != keys_[b].window.end) return keys_[a].window.end < keys_[b].window.end;
    return GroupKey::compare(keys_.key(a), keys_.key(b)) < 0;
  });
  for (const KeyId id : open) end(id, on_row);
}

void CountStore::move_cells(std::size_t parts, std::size_t /*size*/) {
  const CellPool old_pool = std::exchange(pool_, {});
  keys_.for_each([&](KeyId id) {
    std::byte*& cell = keys_[id].cell;
    if (cell != nullptr) cell = pool_.move(layout_, cell, parts);
  });
}

void CountStore::state(StateArchive& archive) {
  keys_.state(archive, [&](KeyState& state) {
    bool open = state.cell != nullptr;
    archive.value(open);
    if (!open) return;
    if (archive.loading()) state.cell = pool_.make(layout_);
    archive.value(state.window);
    layout_.state(archive, state.cell);
  });
}

}  // namespace weir
