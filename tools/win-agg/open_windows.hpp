// A watermark and the windows that it closes.
#pragma once
#include <memory>
#include <span>
#include <vector>

#include "record/key_table.hpp"
#include "sampler.hpp"
#include "window/pane_store.hpp"
#include "window/watermark.hpp"
#include "windows.hpp"

namespace weir::win_agg {

/// The open windows of all records, or those of one key with a watermark of its own.
struct OpenWindows {
  /// At most `max_keys` keys have windows here.
  OpenWindows(const Settings& settings, const Windows& windows, const CellLayout& layout, std::size_t max_keys);

  /// Whether it can be made again: it has no windows, and later ones take nothing in.
  bool is_idle() const { return store.next_end() == Time::max() && !store.layout().carries(); }

  /// Adds those of the columns found so far that it does not have.
  void catch_up(std::span<const Aggregate> found);

  /// `found`: all columns found so far.
  void state(StateArchive& archive, std::span<const Aggregate> found);

  Watermark watermark;
  std::unique_ptr<PaneStore> panes;         ///< windows side by side
  std::unique_ptr<KeyedWindowStore> keyed;  ///< all other windows
  WindowStore& store;                       ///< panes or keyed
  Time next_early;                          ///< when rows of open windows are written next
  std::size_t columns_found = 0;
};

/// The open windows of each key, where each has its own watermark.
class KeyWindows {
 public:
  /// `layout`, without found columns, is that of a key without a state.
  KeyWindows(const Settings& settings, const Windows& windows, const Sampler& sampler, const CellLayout& layout);

  /// Those of a key, with all columns found so far; nullptr when there is no room for a new key. A key without windows
  /// is forgotten once `upstream`, the watermark with which it would begin again, is ahead of its own.
  OpenWindows* find(std::string_view key, Time upstream);

  /// Calls function(windows) for every key, with all columns found so far.
  template <typename Function>
  void for_each(Function function) {
    keys_.for_each([&](KeyId id) {
      keys_[id]->catch_up(sampler_.found_columns());
      function(*keys_[id]);
    });
  }

  /// The earliest start of a row still to come, at a watermark that is no key's own.
  Time earliest_start(Time watermark) const;

  void state(StateArchive& archive);

 private:
  using Held = std::unique_ptr<OpenWindows>;
  void sweep(Time upstream);
  Held make() const;

  const Settings& settings_;
  const Windows& windows_;
  const Sampler& sampler_;
  const CellLayout& layout_;
  KeyTable<Held> keys_;
  std::size_t sweep_at_;
};

}  // namespace weir::win_agg
