#include "window/pane_block.hpp"

#include <algorithm>
#include <utility>

namespace weir {

std::byte* BlockMemory::make_cell() {
  std::byte* const cell = raw(1);
  layout_.create(cell);
  return cell;
}

void BlockMemory::end_cell(std::byte* cell) {
  layout_.destroy(cell);
  pool(1).release(cell);
}

std::byte* BlockMemory::insert(PaneBlock& block, int bit, int least_capacity) {
  const int at = block.rank(bit);
  if (block.has(bit)) return cell(block, at);
  const int count = block.count();
  if (count == block.capacity) {
    PaneBlock larger = block;
    const auto wanted = static_cast<unsigned>(std::clamp(least_capacity, count + 1, PaneBlock::width));
    larger.capacity = static_cast<std::uint8_t>(std::bit_ceil(wanted));
    larger.cells = raw(larger.capacity);
    for (int i = 0; i < count; ++i) layout_.relocate(cell(block, i), layout_.parts(), cell(larger, i < at ? i : i + 1));
    if (block.cells != nullptr) pool(block.capacity).release(block.cells);
    block = larger;
  } else {
    for (int i = count; i > at; --i) layout_.relocate(cell(block, i - 1), layout_.parts(), cell(block, i));
  }
  block.mask = static_cast<std::uint16_t>(block.mask | 1U << bit);
  std::byte* const made = cell(block, at);
  layout_.create(made);
  return made;
}

void BlockMemory::fill(PaneBlock& block, std::uint16_t mask) {
  block.mask = mask;
  if (mask == 0) return;
  block.capacity = static_cast<std::uint8_t>(std::bit_ceil(static_cast<unsigned>(block.count())));
  block.cells = raw(block.capacity);
  for (int i = 0; i < block.count(); ++i) layout_.create(cell(block, i));
}

void BlockMemory::clear(PaneBlock& block) {
  if (block.cells == nullptr) return;
  for (int i = block.count(); i-- > 0;) layout_.destroy(cell(block, i));
  pool(block.capacity).release(block.cells);
  block.cells = nullptr;
  block.mask = 0;
  block.capacity = 0;
}

std::array<CellPool, 5> BlockMemory::renew() { return std::exchange(pools_, {}); }

std::byte* BlockMemory::take(std::byte* cell, std::size_t old_parts) {
  std::byte* const moved = raw(1);
  layout_.relocate(cell, old_parts, moved);
  return moved;
}

void BlockMemory::take(PaneBlock& block, std::size_t old_parts, std::size_t old_size) {
  if (block.cells == nullptr) return;
  std::byte* const before = std::exchange(block.cells, raw(block.capacity));
  for (int i = block.count(); i-- > 0;)
    layout_.relocate(before + static_cast<std::size_t>(i) * old_size, old_parts, cell(block, i));
}

void BlockMemory::state(StateArchive& archive, PaneBlock& block) {
  std::uint16_t mask = block.cells == nullptr ? std::uint16_t{0} : block.mask;
  archive.values(block.number, mask);
  if (archive.loading()) fill(block, mask);
  if (block.cells != nullptr)
    for (int i = 0; i < block.count(); ++i) layout_.state(archive, cell(block, i));
  state(archive, block.suffix);
}

void BlockMemory::state(StateArchive& archive, std::byte*& cell) {
  bool there = cell != nullptr;
  archive.value(there);
  if (!there) return;
  if (archive.loading()) cell = make_cell();
  layout_.state(archive, cell);
}

}  // namespace weir
