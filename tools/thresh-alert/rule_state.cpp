#include "rule_state.hpp"

#include <algorithm>
#include <bit>

#include "time/saturating.hpp"

namespace weir::thresh_alert {
void LevelState::observe(const LevelRule& rule, Time time, Seen seen) {
  if (seen.when == Truth::unknown && !(active && rule.clear && seen.clear == Truth::yes)) return;
  const bool breach = seen.when == Truth::yes;
  if (seen.when != Truth::unknown) {
    const std::uint64_t window =
        rule.share.among >= 64 ? ~std::uint64_t{0} : (std::uint64_t{1} << rule.share.among) - 1;
    // The beginning of an active alert stays, even when it has left the window.
    if (breach && recent == 0 && !active) breach_since = time;
    recent = (recent << 1U & window) | (breach ? 1U : 0U);
  }
  const bool enough = static_cast<std::uint32_t>(std::popcount(recent)) >= rule.share.needed;
  if (enough && !met) met_since = time;
  met = enough;
  if (!active) {
    active = met && time >= saturating_add(met_since, rule.hold);
  } else if (rule.clear ? !breach && seen.clear == Truth::yes : !met) {
    active = false;
    if (rule.clear) {
      recent = 0;
      met = false;
    }
  }
}

std::optional<Transition> RuleState::observe(const Rule& rule, Time time, std::span<const Seen> conditions) {
  seen = true;
  last = time;
  Level target = Level::ok;
  Time began = Time::max();
  for (std::size_t i = 0; i < rule.levels.size(); ++i) {
    LevelState& level = levels[i];
    level.observe(rule.levels[i], time, conditions[i]);
    if (!level.active) continue;
    target = std::max(target, rule.levels[i].level);
    began = std::min(began, level.breach_since);
  }
  if (shown == Level::ok && target != Level::ok && fired && time < saturating_add(last_fired, rule.cooldown))
    target = Level::ok;
  if (target == shown) return std::nullopt;
  const Level from = shown;
  if (from == Level::ok) {
    since = began;
    last_fired = time;
    fired = true;
  }
  shown = target;
  return Transition{from, target, time, since};
}

Time RuleState::deadline(const Rule& rule) const {
  const Time silent = saturating_add(last, *rule.absent);
  return shown == Level::ok && fired ? std::max(silent, saturating_add(last_fired, rule.cooldown)) : silent;
}

Transition RuleState::fall_silent(const Rule& rule) {
  const Level from = shown;
  const Time time = deadline(rule);
  if (from == Level::ok) {
    since = last;
    last_fired = time;
    fired = true;
  }
  shown = Level::absent;
  for (LevelState& level : levels)
    if (!level.active) level = LevelState();
  return Transition{from, Level::absent, time, since};
}

bool RuleState::idle(const Rule& rule, Time now) const {
  if (shown != Level::ok || (rule.absent && seen)) return false;
  if (fired && now < saturating_add(last_fired, rule.cooldown)) return false;
  for (const LevelState& level : levels)
    if (!level.idle()) return false;
  return true;
}

}  // namespace weir::thresh_alert
