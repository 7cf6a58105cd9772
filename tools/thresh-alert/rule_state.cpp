#include "rule_state.hpp"

#include <bit>

namespace weir::thresh_alert {

/// Whether a record ends an active level.
Truth LevelState::is_over(const LevelRule& rule, Seen seen) const {
  if (!rule.clear) return seen.when == Truth::unknown ? Truth::unknown : met ? Truth::no : Truth::yes;
  return seen.when == Truth::yes ? Truth::no : seen.clear;
}

bool LevelState::observe(const LevelRule& rule, Time time, Seen seen) {
  if (expired(rule, time)) forget();
  const bool known_breach = seen.when != Truth::unknown;
  if (known_breach) {
    const bool breach = seen.when == Truth::yes;
    const std::uint64_t window =
        rule.share.among >= 64 ? ~std::uint64_t{0} : (std::uint64_t{1} << rule.share.among) - 1;
    // The beginning of an active alert stays, even when it has left the window.
    if (breach && recent == 0 && !active) breach_since = time;
    recent = (recent << 1U & window) | (breach ? 1U : 0U);
    const bool enough = static_cast<std::uint32_t>(std::popcount(recent)) >= rule.share.needed;
    if (enough && !met && !active) turned = time;
    met = enough;
  }
  if (!active) {
    if (!known_breach) return false;
    known = kept = time;
    active = met && time >= saturating_add(turned, rule.hold);
    return true;
  }
  const Truth over = is_over(rule, seen);
  if (over == Truth::unknown) return false;
  known = time;
  if (over == Truth::no) {
    kept = time;
    ending = false;
    return true;
  }
  if (!ending) turned = time;
  ending = true;
  if (time >= due(rule)) end(rule);
  return true;
}

/// The due time of a level that is pending or ending.
Time LevelState::turn(const LevelRule& rule) const {
  const Time time = active ? std::max(saturating_add(turned, rule.clear_hold), saturating_add(kept, rule.keep))
                           : saturating_add(turned, rule.hold);
  return expired(rule, time) ? never : time;
}

void LevelState::pass(const LevelRule& rule) {
  if (active)
    end(rule);
  else
    active = true;
}

void LevelState::end(const LevelRule& rule) {
  active = false;
  ending = false;
  if (!rule.clear) return;
  recent = 0;
  met = false;
}

void LevelState::forget() {
  if (active)
    ending = false;
  else
    *this = LevelState();
}

std::optional<Transition> RuleState::observe(const Rule& rule, Time time, std::span<const Seen> conditions) {
  seen = true;
  last = time;
  Level active = Level::ok;
  LevelState* level = levels.data();
  const Seen* condition = conditions.data();
  for (const LevelRule& each : rule.levels) {
    level->observe(each, time, *condition++);
    if (level++->active) active = std::max(active, each.level);
  }
  return show(rule, time, active);
}

bool RuleState::cools_down(const Rule& rule, Time time) const {
  return shown == Level::ok && fired && time < saturating_add(last_fired, rule.cooldown);
}

/// Makes the alert's level the greatest of its active ones, unless it cools down.
std::optional<Transition> RuleState::show(const Rule& rule, Time time, Level active) {
  if (active == shown || cools_down(rule, time)) return std::nullopt;
  Time began = Time::max();
  for (const LevelState& level : levels)
    if (level.active) began = std::min(began, level.breach_since);
  return change_to(active, time, began);
}

/// A record out of order between keys may be older than what was written before: no change is earlier than the last.
Transition RuleState::change_to(Level to, Time time, Time began) {
  if (fired) time = std::max(time, changed);
  const Level from = shown;
  if (from == Level::ok) {
    since = began;
    last_fired = time;
    fired = true;
  }
  shown = to;
  changed = time;
  return {from, to, time, since};
}

/// When a key that is watched becomes absent.
Time RuleState::silence(const Rule& rule) const {
  const Time silent = saturating_add(last, *rule.absent);
  return cools_down(rule, silent) ? saturating_add(last_fired, rule.cooldown) : silent;
}

Time RuleState::level_due(const Rule& rule) const {
  if (shown == Level::absent) return never;
  Time first = never;
  bool active = false;
  const LevelState* level = levels.data();
  for (const LevelRule& each : rule.levels) {
    active = active || level->active;
    first = std::min(first, level++->due(each));
  }
  if (active && shown == Level::ok && fired) first = std::min(first, saturating_add(last_fired, rule.cooldown));
  return first;
}

std::optional<Transition> RuleState::pass(const Rule& rule) {
  const Time silent = silent_at(rule);
  const Time time = level_due(rule);
  if (silent < time) {
    for (LevelState& level : levels) level.forget();
    return change_to(Level::absent, silent, last);
  }
  Level active = Level::ok;
  for (std::size_t i = 0; i < rule.levels.size(); ++i) {
    if (levels[i].due(rule.levels[i]) == time) levels[i].pass(rule.levels[i]);
    if (levels[i].active) active = std::max(active, rule.levels[i].level);
  }
  return show(rule, time, active);
}

bool RuleState::newest_known(const Rule& rule) const {
  for (std::size_t i = 0; i < rule.levels.size(); ++i)
    if (!levels[i].idle() && levels[i].known == last) return true;
  return false;
}

bool RuleState::idle(const Rule& rule, Time now) const {
  if (shown != Level::ok || (rule.absent && seen)) return false;
  if (fired && now < saturating_add(last_fired, rule.cooldown)) return false;
  for (std::size_t i = 0; i < rule.levels.size(); ++i)
    if (!levels[i].idle() && (levels[i].active || !levels[i].expired(rule.levels[i], now))) return false;
  return true;
}

}  // namespace weir::thresh_alert
