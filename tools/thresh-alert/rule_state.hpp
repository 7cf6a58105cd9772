// The state machine of one rule and one key, without records and expressions.
#pragma once
#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <span>

#include "rule.hpp"
#include "time/saturating.hpp"
#include "time/time_types.hpp"

namespace weir::thresh_alert {

/// The result of a condition for a record.
enum class Truth : std::uint8_t { no, yes, unknown };

/// A level's conditions for one record; `clear` is not used for a level without one.
struct Seen {
  Truth when = Truth::unknown;
  Truth clear = Truth::unknown;
};

/// The time of what does not happen without a record.
inline constexpr Time never = Time::max();

/// One level: idle, pending (breaching, but not for long or often enough), active, ending (active, but cleared for not
/// long enough).
struct LevelState {
  Time breach_since{};       ///< the first breaching record that still counts
  Time turned{};             ///< pending: when enough of the last records breached; ending: the first cleared record
  Time known{};              ///< the last record whose condition was known
  Time kept{};               ///< the last record that kept it active
  std::uint64_t recent = 0;  ///< a bit for each of the last records that breached, the newest in bit 0
  bool met = false;
  bool active = false;
  bool ending = false;

  /// A record whose condition is unknown changes nothing. Returns whether it was known.
  bool observe(const LevelRule& rule, Time time, Seen seen);
  /// The time at which it becomes active, or is over, without a record.
  Time due(const LevelRule& rule) const { return (active ? ending : met) ? turn(rule) : never; }
  /// Its due time has come.
  void pass(const LevelRule& rule);
  /// Forgets what was pending or ending: the last record no longer counts.
  void forget();
  /// Whether the last known record has expired at that time.
  bool expired(const LevelRule& rule, Time time) const {
    return rule.expire && time > saturating_add(known, *rule.expire);
  }
  /// Whether it is the same as a new state.
  bool idle() const { return !active && recent == 0; }

 private:
  Time turn(const LevelRule& rule) const;
  Truth is_over(const LevelRule& rule, Seen seen) const;
  void end(const LevelRule& rule);
};

/// A change of an alert's level.
struct Transition {
  Level from = Level::ok;
  Level to = Level::ok;
  Time time{};
  Time since{};  ///< when the alert began: the first breaching record, or the last one before an absence
};

struct RuleState {
  std::array<LevelState, 2> levels{};  ///< as Rule::levels
  Time last{};                         ///< of the newest record
  Time since{};
  Time last_fired{};
  Time changed{};     ///< of the last transition
  Time next = never;  ///< due(), as of set_next()
  Level shown = Level::ok;
  bool seen = false;       ///< at least one record has come
  bool fired = false;      ///< last_fired and changed are valid
  std::uint32_t held = 0;  ///< the record of HeldRecords from which a change without a record is written

  /// Whether a time is older than the newest record.
  bool is_late(Time time) const { return seen && time < last; }

  /// Takes a record that is not late; `conditions` as Rule::levels. What is due before it has passed. Returns the
  /// change, if there is one.
  std::optional<Transition> observe(const Rule& rule, Time time, std::span<const Seen> conditions);

  /// The time at which it changes without a record; `never` if it does not.
  Time due(const Rule& rule) const { return std::min(silent_at(rule), level_due(rule)); }
  /// As due(), without absence.
  Time level_due(const Rule& rule) const;

  /// Notes when it is due, given its level_due().
  Time set_next(const Rule& rule, Time level_due) { return next = std::min(silent_at(rule), level_due); }

  /// Its due time has come. Returns the change, if there is one. An absence forgets what was pending: a gap is not
  /// evidence that a condition lasts.
  std::optional<Transition> pass(const Rule& rule);

  /// Whether the newest record was known to one of the levels.
  bool newest_known(const Rule& rule) const;

  /// Neither firing, pending, watched for absence nor cooling down at that time.
  bool idle(const Rule& rule, Time now) const;

 private:
  Time silent_at(const Rule& rule) const {
    return rule.absent && seen && shown != Level::absent ? silence(rule) : never;
  }
  Time silence(const Rule& rule) const;
  bool cools_down(const Rule& rule, Time time) const;
  std::optional<Transition> show(const Rule& rule, Time time, Level active);
  Transition change_to(Level to, Time time, Time began);
};

}  // namespace weir::thresh_alert
