// What becomes of alerts: who is told of them, when and how often. It goes by the times in the records alone.
#pragma once
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "alert.hpp"
#include "config.hpp"
#include "expr/expression.hpp"
#include "incident_names.hpp"
#include "inhibitions.hpp"
#include "silences.hpp"

namespace weir::alert_notify {

/// Why people are told.
enum class Cause : std::uint8_t { event, firing, reminder, escalation, resolved, silenced, cooldown, inhibited };

std::string_view name_of(Cause kind);

/// One notification: to one or several channels, of one or several alerts.
struct Notice {
  Cause kind = Cause::firing;
  bool firing = true;                ///< some of the alerts go on
  std::vector<const Alert*> alerts;  ///< valid during the call; what is new comes first
  const std::vector<std::string>& to;
  std::string id;
  std::string dedup;  ///< the same from the beginning of an alert or group to its end
  std::string why;
};

/// Groups of alerts by route, and their timers.
class Desk {
 public:
  struct Settings {
    std::vector<Route> routes;
    std::vector<InhibitRule> inhibits;
    Zone zone;
    std::uint64_t max_keys = 100'000;                    ///< alerts that are remembered
    std::uint64_t max_held = std::uint64_t{256} << 20U;  ///< their bytes
    std::optional<Duration> max_future;                  ///< a time that is further from the others is not believed
    bool tells_suppressed = false;                       ///< notices of what a silence or cooldown holds back
  };
  struct Counts {
    std::uint64_t alerts = 0, unrouted = 0, silenced = 0, cooled = 0, inhibited = 0, forgotten = 0;
    void state(StateArchive& archive) { archive.values(alerts, unrouted, silenced, cooled, inhibited, forgotten); }
  };
  using Tell = std::function<void(const Notice&)>;

  /// Adds the fields of its conditions to `fields`.
  Desk(Settings settings, FieldSet& fields);

  /// Ids are `prefix`-N; a state goes on with its own.
  void begin(std::string prefix, Tell tell);
  /// What other silences held back and these do not is told now.
  void set_silences(Silences silences);

  /// One alert; `record` is the one that it came in.
  void take(const Alert& alert, const Record& record);
  /// Somebody has seen a notification: its id, or its deduplication key. Returns false when there is none.
  bool acknowledge(const std::string& id);
  /// Event time has come to `time`.
  void on_watermark(Time time);
  /// The input is finished: nobody waits for more of a group.
  void end();

  const Counts& counts() const { return counts_; }
  /// Critical alerts of this run that no route takes, though the routes are for such alerts too.
  std::uint64_t untold() const { return untold_; }
  void state(StateArchive& archive);

 private:
  /// What is known of an alert in a group.
  struct Instance {
    Alert alert;
    bool changed = false;           ///< since the last notification
    bool told = false;              ///< that it fires
    Time told_at = Time::min();     ///< of the last notification that it fires
    Time held_until = Time::min();  ///< by a silence, a cooldown or another alert
    bool silenced = false;          ///< a silence holds it
    std::string inhibited;          ///< the firing alerts that hold it, as Inhibitions names them
    void hold(Time until, std::string by_alerts = {}) {
      held_until = until;
      silenced = false;
      inhibited = std::move(by_alerts);
    }
    void silence(Time until) {
      hold(until);
      silenced = true;
    }
    void let_go() { hold(Time::min()); }
    void state(StateArchive& archive) {
      archive.values(alert, changed, told, told_at, held_until, silenced, inhibited);
    }
  };
  struct Group {
    std::map<std::string, Instance> alerts;
    Time due = Time::max();  ///< of the notification that is being gathered
    Time remind = Time::max();
    Time escalate = Time::max();
    Time release = Time::max();  ///< of what a silence or cooldown holds
    Time began = Time::min();    ///< the first notification
    std::uint64_t step = 0;      ///< of the escalation
    std::uint64_t events = 0;
    bool acknowledged = false;
    std::vector<std::string> also;  ///< channels that an escalation has told
    std::vector<std::string> ids;   ///< the last ones
    std::string dedup;
    void state(StateArchive& archive) {
      archive.values(alerts, due, remind, escalate, release, began, step, events, acknowledged, also, ids, dedup);
    }
    Time next() const;
  };
  struct Matcher {
    std::optional<expr::Expression> condition;
    std::vector<FieldId> group;
  };
  using Groups = std::map<std::string, Group>;

  enum class Fit : std::uint8_t { yes, other_level, no };
  bool believes(Time time);
  Fit fit(std::size_t route, const Alert& alert, const Record& record) const;
  bool in_hours(const Route& route, Time time) const;
  std::string group_key(std::size_t route, const Alert& alert, const Record& record) const;
  void apply(std::size_t route, const std::string& key, const Alert& alert, bool resolved);
  bool is_held(const Route& route, const Instance& instance, const Alert& alert, Time& until, Cause& kind) const;
  void change(std::size_t route, Groups::iterator group);
  enum class Until : std::uint8_t { before, up_to };
  void fire_timers(Until until, Time time);
  void run(Groups::iterator group, Time now, Time until);
  void hold_inhibited(const Route& route, Group& group);
  void release(const std::function<bool(const Instance&)>& is);
  void flush(std::size_t route, Group& group, Time now);
  void tell_again(std::size_t route, Group& group, Cause kind, const std::vector<std::string>& to);
  void tell_alone(Cause kind, const Route& route, const Alert& alert, const std::vector<std::string>& to);
  void tell(Cause kind, const Route& route, Group& group, std::vector<const Alert*> alerts,
            std::vector<std::string> to);
  void schedule(Groups::iterator group, Time before);
  bool has_room() const { return held_ <= settings_.max_keys && held_bytes_ <= settings_.max_held; }
  void drop_if_done(Groups::iterator group, Time before);
  std::size_t route_of(const std::string& key) const;

  Settings settings_;
  std::vector<Matcher> matchers_;
  Silences silences_;
  Inhibitions inhibitions_;
  IncidentNames names_;
  std::string prefix_;
  Tell tell_;
  Time now_ = Time::min();        ///< event time
  Time far_ = Time::min();        ///< the last time that was not believed
  std::uint64_t agreeing_ = 0;    ///< times in a row that agree with it
  bool timed_ = false;            ///< the alert at hand has a time that is believed
  std::uint64_t number_ = 0;      ///< of the last notification
  std::uint64_t held_ = 0;        ///< instances
  std::uint64_t held_bytes_ = 0;  ///< of their alerts
  Groups groups_;                 ///< by route and group
  std::set<std::pair<Time, std::string>> timers_;
  Counts counts_;
  std::uint64_t untold_ = 0;
  bool is_for_critical_ = false;  ///< a route takes critical alerts, or all, or has a level of an unusual name
};

}  // namespace weir::alert_notify
