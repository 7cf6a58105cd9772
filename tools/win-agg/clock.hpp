// A watermark and the windows that go by it.
#pragma once
#include <memory>
#include <span>

#include "settings.hpp"
#include "window/pane_store.hpp"
#include "window/watermark.hpp"

namespace weir::win_agg {

/// One for all records, or one for each key.
struct Clock {
  /// At most `max_keys` keys have windows here.
  Clock(const WinAggSettings& settings, CellLayout layout, std::size_t max_keys);

  /// Nothing is held, and nothing would be given by any watermark.
  bool is_idle() const { return store.next_end() == Time::max(); }

  /// Adds those of the columns found so far that it does not have.
  void catch_up(std::span<const Aggregate> found) {
    if (columns_found < found.size()) store.add_columns(found.subspan(columns_found));
    columns_found = found.size();
  }

  void snapshot(SnapshotWriter& to) const;
  /// Into one made anew; `found`: all columns found so far.
  void restore(SnapshotReader& from, std::span<const Aggregate> found);

  Watermark watermark;
  std::unique_ptr<PaneStore> panes;         ///< windows side by side
  std::unique_ptr<KeyedWindowStore> keyed;  ///< all others
  WindowStore& store;                       ///< whichever there is
  Time next_early;
  std::size_t columns_found = 0;
};

}  // namespace weir::win_agg
