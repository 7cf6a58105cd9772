#include "clean/qartod.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>

namespace weir::clean {
namespace {

/// Values of a flat line that are kept at most; with more different ones within the tolerance the oldest is forgotten.
constexpr std::size_t most_extremes = 1024;

/// Times go back to 1678, so that the difference of two can be beyond a Duration.
Duration between(Time from, Time to) {
  const auto length = static_cast<std::uint64_t>(to.time_since_epoch().count()) -
                      static_cast<std::uint64_t>(from.time_since_epoch().count());
  return Duration(static_cast<Duration::rep>(
      std::min(length, static_cast<std::uint64_t>(Duration::max().count()))));
}

int weight(Flag flag) {
  switch (flag) {
    case Flag::fail:
      return 4;
    case Flag::suspect:
      return 3;
    case Flag::good:
      return 2;
    case Flag::not_evaluated:
      return 1;
    case Flag::missing:
      break;
  }
  return 0;
}

Flag range_flag(const QartodRule& rule, double value) {
  if (rule.fail_span && !rule.fail_span->has(value)) return Flag::fail;
  return rule.suspect_span && !rule.suspect_span->has(value) ? Flag::suspect : Flag::good;
}

Flags all(Flag flag) {
  Flags flags;
  flags.fill(flag);
  return flags;
}

Flag& of(Flags& flags, QartodTest test) { return flags[static_cast<std::size_t>(test)]; }

}  // namespace

Flag together(Flag a, Flag b) { return weight(a) >= weight(b) ? a : b; }

Flag together(const QartodRule& rule, const Flags& flags) {
  Flag flag = Flag::missing;
  bool any = false;
  for (std::size_t i = 0; i < qartod_tests; ++i) {
    if (!rule.has(static_cast<QartodTest>(i))) continue;
    flag = together(flag, flags[i]);
    any = true;
  }
  return any || flags[0] == Flag::missing ? flag : Flag::not_evaluated;
}

bool QartodRule::has(QartodTest test) const {
  switch (test) {
    case QartodTest::range:
      return fail_span || suspect_span;
    case QartodTest::spike:
      return spike.any();
    case QartodTest::rate:
      return rate.any();
    case QartodTest::flat:
      return flat_suspect || flat_fail;
    case QartodTest::gap:
      return gap.any();
  }
  return false;
}

Flags QartodSeries::of_late(const QartodRule& rule, std::optional<double> value) {
  Flags flags = all(value ? Flag::not_evaluated : Flag::missing);
  if (value) of(flags, QartodTest::range) = range_flag(rule, *value);
  return flags;
}

Flags QartodSeries::add(const QartodRule& rule, Time time, std::optional<double> value) {
  Flags flags = all(value ? Flag::not_evaluated : Flag::missing);
  const Duration passed = begun_ ? between(last_, time) : Duration::zero();
  const bool after_gap = begun_ && rule.gap.any() && rule.gap.flag(passed) != Flag::good;
  spike_before_ = value_ ? Flag::not_evaluated : Flag::missing;
  if (value_ && before_ && value && !after_gap)
    spike_before_ = rule.spike.flag(std::abs(*value_ - (*before_ + *value) / 2));
  if (value) {
    of(flags, QartodTest::range) = range_flag(rule, *value);
    if (begun_ && rule.gap.any()) of(flags, QartodTest::gap) = rule.gap.flag(passed);
    if (value_ && passed > Duration::zero())
      of(flags, QartodTest::rate) =
          rule.rate.flag(std::abs(*value - *value_) / std::chrono::duration<double>(passed).count());
    if (rule.has(QartodTest::flat)) {
      if (after_gap) forget_flat();
      of(flags, QartodTest::flat) = follow_flat(rule, time, *value);
    }
  }
  before_ = after_gap ? std::nullopt : value_;
  value_ = value;
  last_ = time;
  begun_ = true;
  return flags;
}

void QartodSeries::forget_flat() {
  flat_begun_ = false;
  least_.clear();
  greatest_.clear();
}

/// Adds a value to the flat line, which then begins where all later values are within the tolerance.
Flag QartodSeries::follow_flat(const QartodRule& rule, Time time, double value) {
  if (!flat_begun_) flat_since_ = time;
  flat_begun_ = true;
  ++number_;
  for (auto* extremes : {&least_, &greatest_})
    if (!extremes->empty() && extremes->back().next == Time::max()) extremes->back().next = time;
  const auto push = [&](std::vector<Extreme>& extremes, auto beats) {
    while (!extremes.empty() && beats(extremes.back().value)) extremes.pop_back();
    extremes.push_back({number_, Time::max(), value});
  };
  push(least_, [value](double other) { return value <= other; });
  push(greatest_, [value](double other) { return value >= other; });
  while (greatest_.front().value - least_.front().value > rule.flat_tolerance ||
         std::max(least_.size(), greatest_.size()) > most_extremes) {
    std::vector<Extreme>& older = least_.front().number < greatest_.front().number ? least_ : greatest_;
    flat_since_ = older.front().next;
    older.erase(older.begin());
  }
  const Duration flat = between(flat_since_, time);
  if (rule.flat_fail && flat >= *rule.flat_fail) return Flag::fail;
  if (rule.flat_suspect && flat >= *rule.flat_suspect) return Flag::suspect;
  return Flag::good;
}

}  // namespace weir::clean
