// What all that holds open windows has in common.
#pragma once
#include <cstdint>
#include <functional>
#include <span>
#include <string_view>
#include <utility>

#include "state/snapshot.hpp"
#include "window/cell.hpp"
#include "window/window.hpp"

namespace weir {

/// Whether a row says what there is, or takes back one that was given (early, while its window was open): there is no
/// such window any more.
enum class Standing : std::uint8_t { holds, retracted, retracted_early };

/// One closed cell, for the length of the call that it is given to.
struct WindowRow {
  Window window;
  std::string_view key;
  const std::byte* cell;
  std::uint32_t revision = 0;  ///< how often the row was given before
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

  /// Adds columns to the layout; cells that are there get them empty.
  virtual void add_columns(std::span<const Aggregate> columns) = 0;

  /// The least watermark at which close_until() has something to do; Time::max() when there is none.
  virtual Time next_end() const = 0;

  /// Closes the windows that end at or before the watermark.
  virtual void close_until(Time watermark, const OnRow& on_row) = 0;

  /// Closes all windows, in the same order.
  virtual void close_all(const OnRow& on_row) = 0;

  /// Gives what open windows have so far, in the same order; of a cell only when records have come since it was last
  /// shown. A store that has no such rows gives none.
  virtual void show_open(const OnRow& on_row) { static_cast<void>(on_row); }

  /// Writes all that is held, between two records.
  virtual void snapshot(SnapshotWriter& to) const = 0;
  /// Into a store made anew, with the same layout.
  virtual void restore(SnapshotReader& from) = 0;

 protected:
  explicit WindowStore(CellLayout layout) : layout_(std::move(layout)) {}
  CellLayout layout_;
};

/// A store that finds the windows of a time by itself.
class KeyedWindowStore : public WindowStore {
 public:
  /// Whether every window that the record would belong to is closed.
  virtual bool is_late(Time time, std::string_view key, Time watermark) = 0;

  /// Whether the record, which is not late, changes a window whose row was given, or would have been: it is given
  /// again.
  virtual bool is_taken_late(Time time, std::string_view key, Time watermark) {
    static_cast<void>(time);
    static_cast<void>(key);
    static_cast<void>(watermark);
    return false;
  }

  /// The cells that the record has to be added to, all of them (CellLayout::add); valid until the next call of any
  /// member but layout(). None when the key is new and there is no room for one more. Asked twice for the same record,
  /// it gives the same.
  virtual std::span<std::byte* const> cells(Time time, std::string_view key, Time watermark) = 0;

  /// The record has been added to the cells. True when that has closed a window, whatever the watermark.
  virtual bool added(Time time, std::string_view key) {
    static_cast<void>(time);
    static_cast<void>(key);
    return false;
  }

  /// No row that is still to come begins before this.
  virtual Time earliest_start(Time watermark) const = 0;

 protected:
  using WindowStore::WindowStore;
};

}  // namespace weir
