// The windows that the settings ask for.
#pragma once
#include <cstdint>
#include <memory>
#include <optional>
#include <variant>

#include "settings.hpp"
#include "window/calendar.hpp"
#include "window/pane_store.hpp"
#include "window/window.hpp"
#include "window/window_store.hpp"

namespace weir::win_agg {

/// Assigns times to windows, and makes the stores that hold open windows.
class Windows {
 public:
  /// Throws std::invalid_argument, naming the option, when a length, unit or origin cannot be used.
  explicit Windows(const Settings& settings);

  /// The window of a time, where windows are side by side.
  Window window_of(Time time) const {
    return std::visit([time](const auto& assigner) { return assigner.window_of(time); }, assigner_);
  }

  /// Whether windows are side by side, so that each time is in one of them.
  bool side_by_side() const { return !size_ && !gap_ && !count_; }

  /// The next multiple of --early after `now`.
  Time next_early(Time now) const;

  /// A store for windows side by side; nullptr for other windows.
  std::unique_ptr<PaneStore> make_panes(CellLayout layout, std::size_t max_keys) const;
  /// A store for all other windows; nullptr for windows side by side.
  std::unique_ptr<KeyedWindowStore> make_keyed(CellLayout layout, std::size_t max_keys) const;

 private:
  Duration every_{};
  Time origin_{};
  std::optional<Duration> size_;
  std::optional<Duration> gap_;
  std::uint32_t fill_;
  Duration max_length_;
  std::optional<std::uint64_t> count_;
  std::optional<Duration> early_;
  Duration allow_late_;
  std::variant<TumblingWindows, CalendarWindows> assigner_;
};

}  // namespace weir::win_agg
