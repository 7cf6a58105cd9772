#include "windows.hpp"

#include <fmt/format.h>

#include <numeric>
#include <stdexcept>
#include <string>
#include <utility>

#include "time/duration.hpp"
#include "window/count_store.hpp"
#include "window/session_store.hpp"
#include "window/sliding_store.hpp"

namespace weir::win_agg {
namespace {

/// The most panes of a window that overlaps others.
constexpr std::int64_t max_panes = 100'000;

Duration length_of(const std::string& every) {
  const auto length = parse_duration(every);
  if (!length)
    throw std::invalid_argument(
        fmt::format("--every: '{}' is not a duration with its unit, such as 250ms, 15s, 1m, 2h or 1d, and not day, "
                    "week, month or year",
                    every));
  if (*length <= Duration::zero()) throw std::invalid_argument("--every must be longer than 0s");
  return *length;
}

Time origin_of(const Settings& settings) {
  const auto offset = parse_duration(settings.origin);
  const auto time =
      offset
          ? std::optional<Time>(*offset)
          : TimeParser(Zone::named(settings.time.zone), settings.time.unit, settings.time.fold).parse(settings.origin);
  if (!time)
    throw std::invalid_argument(fmt::format("--origin: '{}' is neither a time nor a duration", settings.origin));
  return *time;
}

void check_overlap(Duration size, Duration every) {
  if (size < every)
    throw std::invalid_argument("--size must not be shorter than --every: records would fall between the windows");
  if (size / Duration(std::gcd(size.count(), every.count())) > max_panes)
    throw std::invalid_argument(
        "--size and --every have no large divisor in common: a window would have 100000 panes and more");
}

}  // namespace

Windows::Windows(const Settings& settings)
    : size_(settings.size),
      gap_(settings.gap),
      fill_(static_cast<std::uint32_t>(settings.fill.value_or(0))),
      max_length_(settings.max_length.value_or(Duration::max())),
      count_(settings.count),
      early_(settings.early),
      allow_late_(settings.allow_late),
      assigner_(TumblingWindows(Duration(1))) {
  if (gap_ || count_) return;
  if (const auto unit = parse_calendar_unit(settings.every)) {
    if (!settings.origin.empty())
      throw std::invalid_argument("--origin does not go with --every day, week, month or year");
    if (size_) throw std::invalid_argument("--size goes with an --every of a fixed length");
    assigner_ = CalendarWindows(*unit, Zone::named(settings.time.zone));
    return;
  }
  every_ = length_of(settings.every);
  if (!settings.origin.empty()) origin_ = origin_of(settings);
  if (size_) check_overlap(*size_, every_);
  assigner_ = TumblingWindows(every_, origin_);
}

Time Windows::next_early(Time now) const { return TumblingWindows(*early_, origin_).window_of(now).end; }

std::unique_ptr<PaneStore> Windows::make_panes(CellLayout layout, std::size_t max_keys) const {
  if (!side_by_side()) return nullptr;
  auto panes = std::make_unique<PaneStore>(std::move(layout), max_keys, allow_late_);
  if (fill_ > 0) panes->fill(fill_, [this](const Window& window) { return window_of(window.end); });
  return panes;
}

std::unique_ptr<KeyedWindowStore> Windows::make_keyed(CellLayout layout, std::size_t max_keys) const {
  if (side_by_side()) return nullptr;
  if (gap_) return std::make_unique<SessionStore>(std::move(layout), *gap_, max_keys, allow_late_, max_length_);
  if (count_) return std::make_unique<CountStore>(std::move(layout), *count_, max_keys);
  return std::make_unique<SlidingStore>(std::move(layout), *size_, every_, origin_, max_keys, allow_late_,
                                        early_ ? EarlyRows::wanted : EarlyRows::none);
}

}  // namespace weir::win_agg
