#include "desk.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "net/smtp/message.hpp"
#include "record/group_key.hpp"
#include "record/json_text.hpp"
#include "time/future_guard.hpp"
#include "time/saturating.hpp"
#include "time/time_of_day.hpp"

namespace weir::alert_notify {
namespace {

template <typename List, typename Value>
bool has(const List& list, const Value& value) {
  return std::find(list.begin(), list.end(), value) != list.end();
}

}  // namespace

std::string_view name_of(Cause kind) {
  constexpr std::array<std::string_view, 8> names{"event",    "firing",   "reminder", "escalation",
                                                  "resolved", "silenced", "cooldown", "inhibited"};
  return names[static_cast<std::size_t>(kind)];
}

Time Desk::Group::next() const { return std::min({due, remind, escalate, release}); }

Desk::Desk(Settings settings, FieldSet& fields)
    : settings_(std::move(settings)), inhibitions_(settings_.inhibits, settings_.max_keys), names_(settings_.max_keys) {
  for (const Route& route : settings_.routes) {
    Matcher& matcher = matchers_.emplace_back();
    if (!route.match.empty()) {
      matcher.condition = expr::Expression::compile_condition(route.match);
      matcher.condition->bind(fields);
    }
    for (const std::string& path : route.group) matcher.group.push_back(fields.add(path));
    is_for_critical_ |= route.levels.empty() || std::ranges::any_of(route.levels, [](const std::string& level) {
                          return level == "critical" || !is_usual_level(level);
                        });
  }
}

void Desk::begin(std::string prefix, Tell tell) {
  prefix_ = std::move(prefix);
  tell_ = std::move(tell);
}

bool Desk::in_hours(const Route& route, Time time) const {
  const LocalTime local = settings_.zone.to_local(time);
  const auto day = std::chrono::floor<std::chrono::days>(local);
  if (!route.days.empty() && !has(route.days, std::chrono::weekday(day).c_encoding())) return false;
  if (!route.between) return true;
  const Duration since_midnight = time_of_day(local);
  const auto& [begin, end] = *route.between;
  if (begin <= end) return since_midnight >= begin && since_midnight < end;
  return since_midnight >= begin || since_midnight < end;
}

Desk::Fit Desk::fit(std::size_t at, const Alert& alert, const Record& record) const {
  const Route& route = settings_.routes[at];
  if (!route.rules.empty() && !has(route.rules, alert.rule)) return Fit::no;
  if (matchers_[at].condition && !matchers_[at].condition->test(record).is_true()) return Fit::no;
  if (alert.time && !in_hours(route, *alert.time)) return Fit::no;
  if (!route.levels.empty() && !has(route.levels, alert.level)) return Fit::other_level;
  return Fit::yes;
}

/// A route without group has a group for each alert.
std::string Desk::group_key(std::size_t at, const Alert& alert, const Record& record) const {
  std::string key = settings_.routes[at].name + '\0';
  if (matchers_[at].group.empty()) return key + alert.identity;
  const std::size_t name = key.size();
  for (const FieldId field : matchers_[at].group) {
    key += record[field].present() ? record[field].raw : "null";
    key += ',';
  }
  if (key.size() > name + GroupKey::max_size) key.replace(name, key.npos, '#' + smtp::fingerprint({key}) + ',');
  return key;
}

std::size_t Desk::route_of(const std::string& key) const {
  const std::string_view name = std::string_view(key).substr(0, key.find('\0'));
  for (std::size_t i = 0; i < settings_.routes.size(); ++i)
    if (settings_.routes[i].name == name) return i;
  return settings_.routes.size();
}

/// Whether event time goes by this time. One that is far from the others goes by itself, until several in a row agree.
bool Desk::believes(Time time) {
  const auto is_near = [&](Time other) {
    const Duration distance = time > other ? saturating_distance(other, time) : saturating_distance(time, other);
    return !settings_.max_future || distance <= *settings_.max_future;
  };
  if (now_ == Time::min() || is_near(now_)) {
    agreeing_ = 0;
    return true;
  }
  agreeing_ = agreeing_ > 0 && is_near(far_) ? agreeing_ + 1 : 1;
  far_ = time;
  if (agreeing_ < FutureGuard::agreeing_times) return false;
  agreeing_ = 0;
  if (time < now_) now_ = time;  // the first of the stream was wrong
  return true;
}

void Desk::take(const Alert& alert, const Record& record) {
  ++counts_.alerts;
  timed_ = alert.time && believes(*alert.time);
  if (timed_) {
    fire_timers(Until::before, *alert.time);
    now_ = std::max(now_, *alert.time);
  }
  const bool ended = inhibitions_.take(alert);
  const std::size_t routes = settings_.routes.size();
  std::vector<std::string> keys(routes);
  bool is_held_somewhere = false;  // an alert that is over goes to those who were told of it
  for (std::size_t at = 0; at < routes; ++at) {
    keys[at] = group_key(at, alert, record);
    const auto group = groups_.find(keys[at]);
    is_held_somewhere |=
        alert.status != Status::event && group != groups_.end() && group->second.alerts.contains(alert.identity);
  }
  bool routed = false;
  bool open = true;  // no earlier route has taken it
  for (std::size_t at = 0; at < routes; ++at) {
    const auto group = groups_.find(keys[at]);
    const bool holds =
        alert.status != Status::event && group != groups_.end() && group->second.alerts.contains(alert.identity);
    const Fit fits = fit(at, alert, record);
    const bool resolved = alert.status == Status::resolved;
    if (holds) {
      // An alert that has left the levels of a route is over there.
      apply(at, keys[at], alert, resolved || fits == Fit::other_level);
      routed = true;
    } else if (open && fits == Fit::yes && !(resolved && is_held_somewhere)) {
      apply(at, keys[at], alert, resolved);
      routed = true;
    }
    if (fits == Fit::yes && !settings_.routes[at].goes_on) open = false;
  }
  if (!routed) ++counts_.unrouted;
  if (!routed && is_for_critical_ && alert.level == "critical" && alert.status != Status::resolved) ++untold_;
  if (ended)
    release([&](const Instance& each) { return !each.inhibited.empty() && !inhibitions_.holds(each.inhibited); });
}

/// Whether people are not told of it now, and until when.
bool Desk::is_held(const Route& route, const Instance& instance, const Alert& alert, Time& until, Cause& kind) const {
  if (const auto silence = silences_.covers(alert)) {
    until = *silence;
    kind = Cause::silenced;
    return true;
  }
  if (!route.cooldown || instance.told_at == Time::min() || !timed_) return false;
  until = saturating_add(instance.told_at, *route.cooldown);
  kind = Cause::cooldown;
  return now_ < until;
}

void Desk::apply(std::size_t at, const std::string& key, const Alert& alert, bool resolved) {
  const Route& route = settings_.routes[at];
  const auto [group, is_new] = groups_.try_emplace(key);
  Group& its = group->second;
  const Time before = is_new ? Time::max() : its.next();
  if (is_new) {
    its.dedup = route.group.empty() ? names_.of_alert(alert, prefix_ + '-') : IncidentNames::of_group(key);
  }
  const bool is_event = alert.status == Status::event;
  std::string identity = alert.identity;
  // Events are told one by one, apart from the alert of their identity; only a cooldown remembers the last.
  if (is_event) identity += route.cooldown && timed_ ? "\x1f" : fmt::format("\x1f{}", ++its.events);
  const auto [found, is_first] = its.alerts.try_emplace(identity);
  Instance& instance = found->second;
  if (is_first) ++held_;
  if (is_event && instance.changed) {  // one waits already
    ++counts_.cooled;
    if (settings_.tells_suppressed) tell_alone(Cause::cooldown, route, alert, route.to);
    return drop_if_done(group, before);
  }
  const bool was_firing = !is_first && instance.alert.status == Status::firing;
  const bool is_worse = was_firing && rank_of(alert.level) > rank_of(instance.alert.level);
  const bool is_same = was_firing && !resolved && instance.alert.level == alert.level;
  const bool was_told = instance.told;
  if (!is_first) held_bytes_ -= instance.alert.bytes();
  instance.alert = alert;
  held_bytes_ += alert.bytes();
  if (resolved) instance.alert.status = Status::resolved;
  Time until;
  Cause kind{};
  if (resolved) {
    // Of what nobody was told nobody is told that it is over, unless its beginning was not seen here.
    instance.changed = was_told || is_first || instance.changed;
    instance.let_go();
    if (silences_.covers(alert) && !was_told) instance.changed = false;
  } else if (!is_same && is_held(route, instance, alert, until, kind) && !(is_worse && kind == Cause::cooldown)) {
    ++(kind == Cause::silenced ? counts_.silenced : counts_.cooled);
    if (settings_.tells_suppressed) tell_alone(kind, route, alert, route.to);
    // When the silence or cooldown is over, people are told of what still fires then.
    instance.changed = false;
    if (is_event)
      instance.let_go();
    else if (kind == Cause::silenced)
      instance.silence(until);
    else
      instance.hold(until);
    if (!is_event && until != Time::max()) its.release = std::min(its.release, until);
  } else if (!is_same) {
    instance.changed = true;
    instance.let_go();
    its.acknowledged = its.acknowledged && is_event;
  }
  if (instance.changed && its.due == Time::max()) {
    const bool waits = timed_ && route.wait > Duration::zero();
    its.due = waits ? saturating_add(now_, route.wait) : Time::min();
  }
  if (instance.changed && held_bytes_ > settings_.max_held) its.due = Time::min();  // no memory to wait in
  if (its.due == Time::min()) {
    its.due = Time::max();
    flush(at, its, timed_ ? now_ : Time::min());
  }
  drop_if_done(group, before);
}

void Desk::state(StateArchive& archive) {
  archive.values(prefix_, now_, far_, agreeing_, number_, held_, groups_, counts_, inhibitions_, names_);
  if (!archive.loading()) return;
  timers_.clear();
  held_bytes_ = 0;
  for (auto& [key, group] : groups_) {
    // What the configuration of today holds no more is told with the next record.
    for (auto& [identity, instance] : group.alerts) {
      held_bytes_ += instance.alert.bytes();
      const bool is_free = instance.inhibited.empty() ? instance.silenced && !silences_.covers(instance.alert)
                                                      : !inhibitions_.holds(instance.inhibited);
      if (!is_free) continue;
      instance.hold(now_);
      group.release = std::min(group.release, now_);
    }
    if (group.next() != Time::max()) timers_.insert({group.next(), key});
  }
}

}  // namespace weir::alert_notify
