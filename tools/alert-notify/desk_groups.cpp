// The groups of alerts: what is due in them, what is told, what is forgotten.
#include <fmt/format.h>

#include <algorithm>

#include "desk.hpp"
#include "time/saturating.hpp"

namespace weir::alert_notify {
namespace {

constexpr std::size_t most_ids = 16;

template <typename List, typename Value>
bool has(const List& list, const Value& value) {
  return std::find(list.begin(), list.end(), value) != list.end();
}

}  // namespace

void Desk::fire_timers(Until until, Time time) {
  while (!timers_.empty()) {
    const auto [due, key] = *timers_.begin();
    if (until == Until::before ? due >= time : due > time) return;
    timers_.erase(timers_.begin());
    const auto group = groups_.find(key);
    if (group == groups_.end()) continue;
    now_ = std::max(now_, due);
    run(group, due, time);
  }
}

/// Does what is due in a group at `now`, whose timer has been taken out. Time has come to `until` meanwhile.
void Desk::run(Groups::iterator group, Time now, Time until) {
  Group& its = group->second;
  const std::size_t at = route_of(group->first);
  if (at == settings_.routes.size()) {  // the configuration has lost its route
    held_ -= its.alerts.size();
    for (const auto& [identity, instance] : its.alerts) held_bytes_ -= instance.alert.bytes();
    groups_.erase(group);
    return;
  }
  const Route& route = settings_.routes[at];
  if (its.release <= now) {
    its.release = Time::max();
    for (auto& [identity, instance] : its.alerts) {
      if (instance.held_until == Time::min()) continue;
      if (instance.held_until > now) {
        if (instance.held_until != Time::max()) its.release = std::min(its.release, instance.held_until);
        continue;
      }
      instance.let_go();
      if (instance.alert.status != Status::firing) continue;
      instance.changed = true;
      its.due = std::min(its.due, now);
    }
  }
  if (its.due <= now) {
    its.due = Time::max();
    flush(at, its, now);
  }
  if (its.remind <= now) {
    // After a pause of the stream people are reminded once.
    its.remind = route.remind
                     ? saturating_add(now, *route.remind * (1 + saturating_distance(now, until) / *route.remind))
                     : Time::max();
    if (!its.acknowledged) tell_again(at, its, Cause::reminder, route.to);
  }
  if (its.escalate <= now) {
    its.escalate = Time::max();
    if (!its.acknowledged && its.step < route.escalate.size()) {
      const Escalation& step = route.escalate[its.step++];
      tell_again(at, its, Cause::escalation, step.to);
      for (const std::string& each : step.to)
        if (!has(its.also, each)) its.also.push_back(each);
      if (its.step < route.escalate.size()) its.escalate = saturating_add(its.began, route.escalate[its.step].after);
    }
  }
  drop_if_done(group, Time::max());
}

void Desk::set_silences(Silences silences) {
  silences_ = std::move(silences);
  release([this](const Instance& each) { return each.silenced && !silences_.covers(each.alert); });
}

/// Lets go what is held and for which `is` is true: people are told of what still fires.
void Desk::release(const std::function<bool(const Instance&)>& is) {
  for (auto group = groups_.begin(); group != groups_.end();) {
    const auto next = std::next(group);
    Group& its = group->second;
    const std::size_t at = route_of(group->first);
    const Time before = its.next();
    bool is_due = false;
    for (auto& [identity, instance] : its.alerts) {
      if (instance.held_until == Time::min() || !is(instance)) continue;
      const auto silence = silences_.covers(instance.alert);
      instance.let_go();
      if (silence) {
        instance.silence(*silence);
        its.release = std::min(its.release, *silence);
      } else if (instance.alert.status == Status::firing) {
        instance.changed = is_due = true;
      }
    }
    if (is_due && at < settings_.routes.size()) {
      its.due = Time::max();
      flush(at, its, now_);
    }
    if (is_due || its.next() != before) drop_if_done(group, before);
    group = next;
  }
}

/// What another firing alert makes needless to tell waits until that one is over.
void Desk::hold_inhibited(const Route& route, Group& group) {
  for (auto& [identity, instance] : group.alerts) {
    if (!instance.changed || instance.alert.status == Status::resolved) continue;
    std::string by = inhibitions_.of(instance.alert);
    if (by.empty()) continue;
    ++counts_.inhibited;
    instance.changed = false;
    if (settings_.tells_suppressed) tell_alone(Cause::inhibited, route, instance.alert, route.to);
    if (instance.alert.status == Status::firing) instance.hold(Time::max(), std::move(by));
  }
}

/// Tells of what has changed in a group.
void Desk::flush(std::size_t at, Group& group, Time now) {
  const Route& route = settings_.routes[at];
  if (!inhibitions_.empty()) hold_inhibited(route, group);
  std::vector<const Alert*> changed;
  std::vector<const Alert*> others;
  bool fires = false;
  bool begins = false;
  bool ends = false;
  bool happens = false;
  for (auto& [identity, instance] : group.alerts) {
    const bool firing = instance.alert.status == Status::firing && instance.held_until == Time::min();
    fires = fires || (firing && (instance.changed || instance.told));
    if (instance.changed) {
      changed.push_back(&instance.alert);
      ends = ends || instance.alert.status == Status::resolved;
      begins = begins || instance.alert.status == Status::firing;
      happens = happens || instance.alert.status == Status::event;
    } else if (firing && instance.told) {
      others.push_back(&instance.alert);
    }
  }
  if (changed.empty()) return;
  const bool are_events = happens && !begins && !ends;
  const bool only_ends = ends && !begins && !happens;
  std::stable_sort(changed.begin(), changed.end(),
                   [](const Alert* a, const Alert* b) { return rank_of(a->level) > rank_of(b->level); });
  if (!are_events) changed.insert(changed.end(), others.begin(), others.end());
  if (!only_ends || route.resolved) {
    std::vector<std::string> to = route.to;
    for (const std::string& each : group.also)
      if (!are_events && !has(to, each)) to.push_back(each);
    tell(are_events  ? Cause::event
         : only_ends ? Cause::resolved
                     : Cause::firing,
         route, group, std::move(changed), std::move(to));
  }
  for (auto& [identity, instance] : group.alerts) {
    if (!instance.changed) continue;
    instance.changed = false;
    instance.told = instance.alert.status == Status::firing;
    if (instance.alert.status != Status::resolved && now != Time::min()) instance.told_at = now;
  }
  if (are_events) return;  // what fires goes on as before
  if (!fires) {
    group.remind = group.escalate = Time::max();
    group.began = Time::min();
    group.step = 0;
    group.also.clear();
  } else if (begins && now != Time::min()) {
    if (route.remind) group.remind = saturating_add(now, *route.remind);
    if (group.began == Time::min()) {
      group.began = now;
      if (!route.escalate.empty()) group.escalate = saturating_add(now, route.escalate[0].after);
    }
  }
}

/// Tells again of what still fires.
void Desk::tell_again(std::size_t at, Group& group, Cause kind, const std::vector<std::string>& to) {
  std::vector<const Alert*> firing;
  for (const auto& [identity, instance] : group.alerts)
    if (instance.told && instance.alert.status == Status::firing && !silences_.covers(instance.alert) &&
        inhibitions_.of(instance.alert).empty())
      firing.push_back(&instance.alert);
  if (!firing.empty()) tell(kind, settings_.routes[at], group, std::move(firing), to);
}

void Desk::tell(Cause kind, const Route& route, Group& group, std::vector<const Alert*> alerts,
                std::vector<std::string> to) {
  const bool firing =
      std::any_of(alerts.begin(), alerts.end(), [](const Alert* each) { return each->status != Status::resolved; });
  Notice notice{kind, firing, std::move(alerts), to, fmt::format("{}-{}", prefix_, ++number_), group.dedup, route.name};
  if (kind == Cause::event) {  // an incident of its own, of which nothing is remembered
    notice.dedup = notice.id;
    return tell_(notice);
  }
  if (group.ids.size() == most_ids) group.ids.erase(group.ids.begin());
  group.ids.push_back(notice.id);
  tell_(notice);
}

/// For the history: nobody is told.
void Desk::tell_alone(Cause kind, const Route& route, const Alert& alert, const std::vector<std::string>& to) {
  tell_(
      {kind, alert.status != Status::resolved, {&alert}, to, fmt::format("{}-{}", prefix_, ++number_), {}, route.name});
}

/// The alert of that notification, in all routes.
bool Desk::acknowledge(const std::string& id) {
  std::string dedup = id;
  for (const auto& [key, group] : groups_)
    if (has(group.ids, id)) dedup = group.dedup;
  bool found = false;
  for (auto& [key, group] : groups_) {
    if (group.dedup != dedup) continue;
    group.acknowledged = true;
    found = true;
  }
  return found;
}

void Desk::schedule(Groups::iterator group, Time before) {
  const Time next = group->second.next();
  if (next == before) return;
  if (before != Time::max()) timers_.erase({before, group->first});
  if (next != Time::max()) timers_.insert({next, group->first});
}

/// Forgets what needs no memory any more, and sets the group's timer. `before` is the one that it had.
void Desk::drop_if_done(Groups::iterator group, Time before) {
  Group& its = group->second;
  const std::size_t at = route_of(group->first);
  const auto& cooldown = settings_.routes[at].cooldown;
  for (auto each = its.alerts.begin(); each != its.alerts.end();) {
    Instance& instance = each->second;
    const bool fires = instance.alert.status == Status::firing;
    const bool could_cool =
        cooldown && instance.told_at != Time::min() && saturating_add(instance.told_at, *cooldown) > now_;
    const bool cools = could_cool && held_bytes_ <= settings_.max_held;
    if (instance.changed || (fires && has_room()) || cools) {
      if (cools && !fires && !instance.changed) {
        instance.hold(saturating_add(instance.told_at, *cooldown));
        its.release = std::min(its.release, instance.held_until);
      }
      ++each;
      continue;
    }
    if (fires || (could_cool && !cools)) ++counts_.forgotten;
    held_bytes_ -= instance.alert.bytes();
    --held_;
    each = its.alerts.erase(each);
  }
  if (!its.alerts.empty()) return schedule(group, before);
  if (before != Time::max()) timers_.erase({before, group->first});
  groups_.erase(group);
}

void Desk::on_watermark(Time time) {
  fire_timers(Until::up_to, time);
  now_ = std::max(now_, time);
}

void Desk::end() {
  for (auto group = groups_.begin(); group != groups_.end();) {
    const auto next = std::next(group);
    Group& its = group->second;
    const std::size_t at = route_of(group->first);
    if (its.due != Time::max() && at < settings_.routes.size()) {
      const Time before = its.next();
      its.due = Time::max();
      flush(at, its, now_);
      drop_if_done(group, before);
    }
    group = next;
  }
}

}  // namespace weir::alert_notify
