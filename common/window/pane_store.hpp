// The open windows: for each window and key a cell, from the first record to the watermark that closes it.
#pragma once
#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "record/key_table.hpp"
#include "window/cell.hpp"
#include "window/window.hpp"

namespace weir {

/// Cells by window and key. Memory is the number of keys with an open cell (at most `max_keys`), and of open cells,
/// whatever the number of records; what closed windows held is used again.
class PaneStore {
 public:
  PaneStore(CellLayout layout, std::size_t max_keys);
  ~PaneStore();
  PaneStore(const PaneStore&) = delete;
  PaneStore& operator=(const PaneStore&) = delete;

  /// The cell of a key in a window, made empty when there is none; valid until the next call of any other member but
  /// layout(). nullptr when the key is new and `max_keys` others have cells in open windows.
  std::byte* cell(const Window& window, std::string_view key);

  const CellLayout& layout() const { return layout_; }

  /// Adds columns to the layout; open cells get them empty.
  void add_columns(std::span<const Aggregate> columns);

  /// The least end of an open window; Time::max() when none is open.
  Time next_end() const { return panes_.empty() ? Time::max() : panes_.front()->window.end; }

  /// One closed cell.
  using OnRow = std::function<void(const Window& window, std::string_view key, const std::byte* cell)>;

  /// Closes the windows that end at or before the watermark: gives their cells by window end, then key
  /// (GroupKey::compare).
  void close_until(Time watermark, const OnRow& on_row);

  /// Closes all windows, in the same order.
  void close_all(const OnRow& on_row);

 private:
  struct KeyCell {
    KeyId key;
    std::byte* cell;
  };
  struct Sorted {
    std::uint64_t prefix;  ///< of the key's order
    KeyCell cell;
  };
  struct Pane {
    Window window;
    std::vector<KeyCell> cells;  ///< in the order in which the keys came
  };
  struct OpenCell {
    Time start;
    std::byte* cell;
  };
  /// What the key table holds: the open cells of a key, by window start. The one used last is at hand.
  struct KeyState {
    Time recent_start{};
    std::byte* recent = nullptr;
    std::vector<OpenCell> open;
    std::size_t closed = 0;  ///< so many at the beginning of `open` are closed

    bool idle() const { return closed == open.size(); }
    void forget(Time start);
  };

  std::byte* find_or_make(KeyId id, const Window& window);
  Pane& pane(const Window& window);
  void close_first(const OnRow& on_row);
  void sweep();
  std::byte* take_cell();
  void release_cell(std::byte* cell) { free_cells_.push_back(cell); }

  CellLayout layout_;
  KeyTable<KeyState> keys_;
  std::size_t sweep_at_;
  std::deque<std::unique_ptr<Pane>> panes_;  ///< by window start, which is also by end
  std::vector<std::unique_ptr<Pane>> spare_panes_;
  std::vector<Sorted> sorted_;  ///< of the window that is being closed
  std::vector<std::unique_ptr<std::byte[]>> slabs_;
  std::vector<std::byte*> free_cells_;
};

}  // namespace weir
