#include "time/local_times.hpp"

#include "time/saturating.hpp"

namespace weir {
namespace {

using Kind = LocalMeaning::Kind;

/// The greatest jump of any zone's clocks (Samoa, across the date line).
constexpr Duration greatest_jump = std::chrono::hours(24);

LocalTime as_local(Time time, Duration offset) { return LocalTime(saturating_add(time, offset).time_since_epoch()); }

}  // namespace

LocalTimes::Result LocalTimes::to_utc(LocalTime local, const RowOrder& order, Time& time) {
  if (local >= same_from_ && local < same_to_) {
    time = Time(local.time_since_epoch()) - same_offset_;
    return Result::done;
  }
  const LocalMeaning meaning = zone_.meaning(local);
  time = meaning.first;
  switch (meaning.kind) {
    case Kind::never:
      return Result::never;
    case Kind::once:
      same_offset_ = local.time_since_epoch() - meaning.first.time_since_epoch();
      same_from_ = as_local(saturating_add(meaning.since, greatest_jump), same_offset_);
      same_to_ = as_local(saturating_subtract(meaning.until, greatest_jump), same_offset_);
      return Result::done;
    case Kind::twice:
      break;
  }
  switch (fold_) {
    case Fold::first:
      return Result::done;
    case Fold::last:
      time = meaning.last;
      return Result::done;
    case Fold::reject:
      return Result::twice;
    case Fold::infer:
      break;
  }
  if (order.last > meaning.first && order.last <= meaning.last) {
    time = meaning.last;
    return Result::done;
  }
  if (order.last < meaning.first && order.last != Time::min()) return Result::done;
  // The same time again: another series, or the second pass of this one in rows as far apart as the change.
  const bool again = order.last == meaning.first;
  if (!again || order.series == Series::unknown || order.series == Series::several) return Result::guessed;
  time = meaning.last;
  return order.series == Series::one ? Result::done : Result::repeated;
}

void LocalTimes::saw(Time time, RowOrder& order) {
  if (order.series == Series::unknown || order.series == Series::rising) {
    if (time == order.last)
      order.series = Series::several;
    else if (time > order.last && order.last != Time::min())
      order.series = Series::rising;
  }
  order.last = time;
}

LocalTimes::Result LocalTimes::to_utc(LocalTime local, std::string_view abbreviation, Time& time) const {
  const LocalMeaning meaning = zone_.meaning(local);
  if (meaning.kind == Kind::never) return Result::never;
  for (const Time each : {meaning.first, meaning.last}) {
    if (zone_.abbreviation(each) != abbreviation) continue;
    time = each;
    return Result::done;
  }
  return Result::never;
}

}  // namespace weir
