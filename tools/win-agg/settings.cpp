#include "settings.hpp"

#include <stdexcept>

namespace weir::win_agg {
namespace {

void check_windows(const Settings& settings) {
  const bool every = !settings.every.empty();
  if ((every ? 1 : 0) + (settings.gap ? 1 : 0) + (settings.count ? 1 : 0) != 1)
    throw std::invalid_argument("one of --every, --gap and --count is needed, and no two of them");
  if (!every && (settings.size || !settings.origin.empty() || settings.closed == ClosedEnd::right))
    throw std::invalid_argument("--size, --origin and --closed right go with --every");
  if (settings.gap && *settings.gap <= Duration::zero()) throw std::invalid_argument("--gap must be longer than 0s");
  if (settings.fill && (!every || settings.size))
    throw std::invalid_argument("--fill goes with --every without --size");
  if (settings.fill && settings.allow_late > Duration::zero())
    throw std::invalid_argument("--fill does not go with --allow-late");
  if (settings.max_length && !settings.gap) throw std::invalid_argument("--max-length goes with --gap");
  if (settings.max_length && *settings.max_length < *settings.gap)
    throw std::invalid_argument("--max-length must not be shorter than --gap");
}

void check_late(const Settings& settings) {
  const bool takes_late = settings.allow_late > Duration::zero();
  if (!settings.late_copy.empty() && !takes_late) throw std::invalid_argument("--late-copy needs --allow-late");
  if (settings.count && takes_late)
    throw std::invalid_argument(
        "--allow-late does not go with --count: a record goes into the current window, however old it is");
}

void check_watermark(const Settings& settings) {
  const bool by_key = settings.watermark == WatermarkOf::key;
  if (settings.watermark == WatermarkOf::input && (settings.lateness > Duration::zero() || settings.count))
    throw std::invalid_argument(
        "--watermark input goes by the watermark lines of the source alone: not with --lateness, nor with --count");
  if (settings.watermarks == Watermarks::write && (by_key || settings.count))
    throw std::invalid_argument(
        "--watermarks does not go with --watermark key, which has no watermark for all keys, nor with --count");
  if (by_key && (settings.count || settings.by.empty()))
    throw std::invalid_argument("--watermark key needs --by, and --every or --gap");
}

/// A row that another has pushed out of the list could not be taken back.
void check_top(const Settings& settings) {
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

/// What only the whole of a window can decide is left to the stage that merges.
void check_partials(const Settings& settings) {
  if (!settings.partials && !settings.merges) return;
  if (settings.partials && settings.merges)
    throw std::invalid_argument("--partial and --merge are for two stages: the first writes what the second reads");
  if (settings.every.empty() || settings.size)
    throw std::invalid_argument("--partial and --merge go with --every without --size: windows side by side");
  if (settings.aggregates.empty()) throw std::invalid_argument("--partial and --merge need --agg, the same for both");
  if (settings.merges) {
    if (settings.watermark == WatermarkOf::key)
      throw std::invalid_argument(
          "--merge does not go with --watermark key: what is late is decided where records are, by --partial");
    return;
  }
  if (settings.allow_late > Duration::zero() || settings.early || settings.fill || settings.top ||
      !settings.having.empty() || settings.partial == PartialRows::leave_out)
    throw std::invalid_argument(
        "--partial does not go with --allow-late, --early, --fill, --top, --having and --drop-partial: give them to "
        "--merge, which has all of a window");
}

void check_early(const Settings& settings) {
  if (!settings.early) return;
  if (*settings.early <= Duration::zero()) throw std::invalid_argument("--early must be longer than 0s");
  if (!settings.having.empty())
    throw std::invalid_argument("--having does not go with --early: the last row of a window has to be written");
  if (settings.count || settings.partial == PartialRows::leave_out)
    throw std::invalid_argument("--early goes with --every and with --gap, and not with --drop-partial");
}

}  // namespace

void check(const Settings& settings) {
  for (const std::string& part : settings.local)
    if (part != "date" && part != "hour")
      throw std::invalid_argument("--local: '" + part + "' is neither date nor hour");
  check_windows(settings);
  check_late(settings);
  check_watermark(settings);
  check_top(settings);
  check_early(settings);
  check_partials(settings);
}

Duration shift_of(const Settings& settings) { return Duration(settings.closed == ClosedEnd::right ? 1 : 0); }

std::string_view name_of(ClosedEnd closed) { return closed == ClosedEnd::right ? "right" : "left"; }

bool can_retract(const Settings& settings) {
  return settings.gap && (settings.early || settings.allow_late > Duration::zero());
}

}  // namespace weir::win_agg
