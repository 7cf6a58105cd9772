// The interface of all stores of open windows.
#pragma once
#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string_view>
#include <utility>

#include "state/archive.hpp"
#include "window/cell.hpp"
#include "window/window.hpp"

namespace weir {

/// Whether a row holds, or retracts an earlier row (an early one, of an open window) whose window no longer exists.
enum class Standing : std::uint8_t { holds, retracted, retracted_early };

/// One closed cell, valid during the call that receives it.
struct WindowRow {
  Window window;
  std::string_view key;
  const std::byte* cell;
  std::uint32_t revision = 0;  ///< the number of times the row was written before
  Standing standing = Standing::holds;
  const std::byte* before = nullptr;  ///< a cell with what the key had before the window, see CellLayout::carry()
};

/// Cells by window and key, written as rows by window end, then key (GroupKey::compare).
class WindowStore {
 public:
  using OnRow = std::function<void(const WindowRow& row)>;

  virtual ~WindowStore() = default;
  WindowStore(const WindowStore&) = delete;
  WindowStore& operator=(const WindowStore&) = delete;

  const CellLayout& layout() const { return layout_; }
  /// Takes another layout, before a snapshot is loaded.
  void set_layout(const CellLayout& layout) { layout_ = layout; }

  /// Adds columns to the layout; in existing cells they are empty.
  void add_columns(std::span<const Aggregate> columns) {
    const std::size_t parts = layout_.parts();
    const std::size_t size = layout_.size();
    for (const Aggregate& column : columns) layout_.add_column(column);
    if (layout_.parts() != parts) move_cells(parts, size);
  }

  /// The least watermark at which close_until() has work to do; Time::max() when there is none.
  virtual Time next_end() const = 0;

  /// Closes the windows that end at or before the watermark.
  virtual void close_until(Time watermark, const OnRow& on_row) = 0;

  /// Closes all windows, in the same order.
  virtual void close_all(const OnRow& on_row) = 0;

  /// Writes the rows of open windows so far, in the same order: only cells that changed since they were last shown. A
  /// store without such rows writes none.
  virtual void show_open(const OnRow& on_row) { static_cast<void>(on_row); }

  /// Saves or loads all open and kept windows, between two records. A snapshot is loaded into a new store with the same
  /// layout.
  virtual void state(StateArchive& archive) = 0;

 protected:
  explicit WindowStore(CellLayout layout) : layout_(std::move(layout)) {}
  CellLayout layout_;

 private:
  /// Moves all cells to places of the layout's size, once it has more parts. They had `parts`, and took `size` bytes.
  virtual void move_cells(std::size_t parts, std::size_t size) = 0;
};

/// A store that assigns records to windows itself.
class KeyedWindowStore : public WindowStore {
 public:
  /// Whether every window of the record is closed.
  virtual bool is_late(Time time, std::string_view key, Time watermark) = 0;

  /// Whether a record that is not late changes a closed window, so that its row is written again.
  virtual bool is_taken_late(Time time, std::string_view key, Time watermark) {
    static_cast<void>(time);
    static_cast<void>(key);
    static_cast<void>(watermark);
    return false;
  }

  /// The cells to which the record must be added (CellLayout::add), valid until the next call of any member but
  /// layout(). None when a new key has no room. A second call for the same record returns the same cells.
  virtual std::span<std::byte* const> cells(Time time, std::string_view key, Time watermark) = 0;

  /// Called after the record has been added to its cells. Returns true when that closed a window, whatever the
  /// watermark.
  virtual bool added(Time time, std::string_view key) {
    static_cast<void>(time);
    static_cast<void>(key);
    return false;
  }

  /// The earliest start of any later row.
  virtual Time earliest_start(Time watermark) const = 0;

 protected:
  using WindowStore::WindowStore;
};

}  // namespace weir
