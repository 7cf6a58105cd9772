// The interface of the stores of open windows.
#pragma once
#include <cstdint>
#include <functional>
#include <span>
#include <string_view>
#include <utility>

#include "state/archive.hpp"
#include "window/cell.hpp"
#include "window/window.hpp"

namespace weir {

/// Whether a row holds, or retracts a row given before (early: while its window was open) whose window no longer
/// exists.
enum class Standing : std::uint8_t { holds, retracted, retracted_early };

/// One closed cell, valid during the call that it is given to.
struct WindowRow {
  Window window;
  std::string_view key;
  const std::byte* cell;
  std::uint32_t revision = 0;  ///< the number of times the row was given before
  Standing standing = Standing::holds;
};

/// Cells by window and key, given out as rows by window end, then key (GroupKey::compare).
class WindowStore {
 public:
  using OnRow = std::function<void(const WindowRow& row)>;

  virtual ~WindowStore() = default;
  WindowStore(const WindowStore&) = delete;
  WindowStore& operator=(const WindowStore&) = delete;

  const CellLayout& layout() const { return layout_; }

  /// Adds columns to the layout; existing cells get them empty.
  virtual void add_columns(std::span<const Aggregate> columns) = 0;

  /// The least watermark at which close_until() has something to do; Time::max() when there is none.
  virtual Time next_end() const = 0;

  /// Closes the windows that end at or before the watermark.
  virtual void close_until(Time watermark, const OnRow& on_row) = 0;

  /// Closes all windows, in the same order.
  virtual void close_all(const OnRow& on_row) = 0;

  /// Gives the rows of open windows so far, in the same order, but only cells that changed since they were last shown.
  /// A store without such rows gives none.
  virtual void show_open(const OnRow& on_row) { static_cast<void>(on_row); }

  /// All open and kept windows, between two records. Loading is into a new store with the same layout.
  virtual void state(StateArchive& archive) = 0;

 protected:
  explicit WindowStore(CellLayout layout) : layout_(std::move(layout)) {}
  CellLayout layout_;
};

/// A store that finds the windows of a record itself.
class KeyedWindowStore : public WindowStore {
 public:
  /// Whether every window that the record would belong to is closed.
  virtual bool is_late(Time time, std::string_view key, Time watermark) = 0;

  /// Whether the record, which is not late, changes a closed window: its row is given again.
  virtual bool is_taken_late(Time time, std::string_view key, Time watermark) {
    static_cast<void>(time);
    static_cast<void>(key);
    static_cast<void>(watermark);
    return false;
  }

  /// All cells to which the record has to be added (CellLayout::add); valid until the next call of any member but
  /// layout(). None when there is no room for a new key. A second call for the same record gives the same.
  virtual std::span<std::byte* const> cells(Time time, std::string_view key, Time watermark) = 0;

  /// Called once the record has been added to the cells. True when that closed a window, whatever the watermark.
  virtual bool added(Time time, std::string_view key) {
    static_cast<void>(time);
    static_cast<void>(key);
    return false;
  }

  /// The earliest start of a row still to come.
  virtual Time earliest_start(Time watermark) const = 0;

 protected:
  using WindowStore::WindowStore;
};

}  // namespace weir
