// Which settings of win-agg go together.
#include "settings.hpp"

#include <fmt/format.h>

#include <numeric>
#include <stdexcept>

#include "time/duration.hpp"

namespace weir::win_agg {
namespace {

/// A window of overlapping ones is put together from this many panes at most.
constexpr std::int64_t max_panes = 100'000;

void check_overlap(const WinAggSettings& settings, Duration size) {
  if (settings.calendar) throw std::invalid_argument("--size goes with an --every of a fixed length");
  if (size < settings.every)
    throw std::invalid_argument("--size must not be shorter than --every: records would fall between the windows");
  if (size / Duration(std::gcd(size.count(), settings.every.count())) > max_panes)
    throw std::invalid_argument(
        "--size and --every have no large divisor in common: a window would be of 100000 panes and more");
}

/// A row that another has pushed out of the list could not be taken back.
void check_top(const WinAggSettings& settings) {
  if (!settings.top) {
    if (!settings.top_by.empty() || !settings.top_per.empty())
      throw std::invalid_argument("--top-by and --top-per go with --top");
    return;
  }
  if (settings.gap || settings.count)
    throw std::invalid_argument("--top goes with --every: windows of --gap and --count are each of one key");
  if (settings.allow_late > Duration::zero() || settings.early || settings.watermark == WatermarkOf::key)
    throw std::invalid_argument(
        "--top needs all rows of a window at once: without --allow-late, --early and "
        "--watermark key");
}

}  // namespace

void set_every(WinAggSettings& settings, const std::string& every, const std::string& origin) {
  settings.calendar = parse_calendar_unit(every);
  const auto length = parse_duration(every);
  if (!settings.calendar && !length)
    throw std::invalid_argument(
        fmt::format("--every: '{}' is not a duration with its unit, such as 250ms, 15s, 1m, 2h or 1d, and not day, "
                    "week, month or year",
                    every));
  settings.every = length.value_or(Duration::zero());
  if (!settings.calendar && settings.every <= Duration::zero())
    throw std::invalid_argument("--every must be longer than 0s");
  if (origin.empty()) return;
  if (settings.calendar) throw std::invalid_argument("--origin does not go with --every day, week, month or year");
  const auto offset = parse_duration(origin);
  const auto time = offset ? std::optional<Time>(*offset) : settings.time.parse(origin);
  if (!time) throw std::invalid_argument(fmt::format("--origin: '{}' is neither a time nor a duration", origin));
  settings.origin = *time;
}

void check(const WinAggSettings& settings) {
  if (settings.watermarks == Watermarks::write && (settings.watermark == WatermarkOf::key || settings.count))
    throw std::invalid_argument(
        "--watermarks does not go with --watermark key, which has none of its own, nor with --count");
  if (settings.gap && *settings.gap <= Duration::zero()) throw std::invalid_argument("--gap must be longer than 0s");
  if (settings.size) check_overlap(settings, *settings.size);
  if (settings.count && settings.allow_late > Duration::zero())
    throw std::invalid_argument(
        "--allow-late does not go with --count: a record goes into the window at hand, however old it is");
  if (settings.watermark == WatermarkOf::key && (settings.count || settings.by.empty()))
    throw std::invalid_argument("--watermark key needs --by, and --every or --gap");
  check_top(settings);
  if (!settings.early) return;
  if (*settings.early <= Duration::zero()) throw std::invalid_argument("--early must be longer than 0s");
  if (!settings.having.empty())
    throw std::invalid_argument("--having does not go with --early: the last of a window's rows has to be written");
  if (settings.count || settings.partial == PartialRows::leave_out)
    throw std::invalid_argument("--early goes with --every and with --gap, and not with --drop-partial");
}

Duration shift_of(const WinAggSettings& settings) { return Duration(settings.closed == ClosedEnd::right ? 1 : 0); }

bool can_retract(const WinAggSettings& settings) {
  return settings.gap && (settings.early || settings.allow_late > Duration::zero());
}

}  // namespace weir::win_agg
