#include "clock.hpp"

#include <utility>

#include "window/count_store.hpp"
#include "window/session_store.hpp"
#include "window/sliding_store.hpp"

namespace weir::win_agg {
namespace {

std::unique_ptr<PaneStore> panes_of(const WinAggSettings& settings, CellLayout& layout, std::size_t max_keys) {
  if (settings.size || settings.gap || settings.count) return nullptr;
  return std::make_unique<PaneStore>(std::move(layout), max_keys, settings.allow_late);
}

std::unique_ptr<KeyedWindowStore> keyed_of(const WinAggSettings& settings, CellLayout& layout, std::size_t max_keys) {
  if (settings.gap)
    return std::make_unique<SessionStore>(std::move(layout), *settings.gap, max_keys, settings.allow_late);
  if (settings.count) return std::make_unique<CountStore>(std::move(layout), *settings.count, max_keys);
  if (!settings.size) return nullptr;
  return std::make_unique<SlidingStore>(std::move(layout), *settings.size, settings.every, settings.origin, max_keys,
                                        settings.allow_late, settings.early ? EarlyRows::wanted : EarlyRows::none);
}

}  // namespace

Clock::Clock(const WinAggSettings& settings, CellLayout layout, std::size_t max_keys)
    : watermark(settings.lateness),
      panes(panes_of(settings, layout, max_keys)),
      keyed(keyed_of(settings, layout, max_keys)),
      store(panes ? static_cast<WindowStore&>(*panes) : *keyed),
      next_early(settings.early ? Time::min() : Time::max()) {}

}  // namespace weir::win_agg
