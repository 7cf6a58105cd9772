// The state machine of one rule and one key, without records and expressions.
#pragma once
#include <array>
#include <cstdint>
#include <optional>
#include <span>

#include "rule.hpp"
#include "time/time_types.hpp"

namespace weir::thresh_alert {

/// The result of a condition for a record.
enum class Truth : std::uint8_t { no, yes, unknown };

/// A level's conditions for one record; `clear` is not used for a level without one.
struct Seen {
  Truth when = Truth::unknown;
  Truth clear = Truth::unknown;
};

/// One level: idle, pending (breaching, but not for long or often enough), active.
struct LevelState {
  Time breach_since{};       ///< the first breaching record that still counts
  Time met_since{};          ///< the time at which enough of the last records breached
  std::uint64_t recent = 0;  ///< a bit for each of the last records that breached, the newest in bit 0
  bool met = false;
  bool active = false;

  /// Takes a record with an unknown condition: nothing changes.
  void observe(const LevelRule& rule, Time time, Seen seen);
  /// Whether the state is that of a new key.
  bool idle() const { return !active && recent == 0; }
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
  Level shown = Level::ok;
  bool seen = false;     ///< at least one record has come
  bool fired = false;    ///< last_fired is valid
  bool watched = false;  ///< the queue of absences has its deadline

  /// Whether a time is older than the newest record.
  bool is_late(Time time) const { return seen && time < last; }

  /// Takes a record that is not late; `conditions` as Rule::levels. Returns the change, if there is one.
  std::optional<Transition> observe(const Rule& rule, Time time, std::span<const Seen> conditions);

  /// The time at which the key becomes absent without a record. Only for rules with `absent`.
  Time deadline(const Rule& rule) const;

  /// Called when the deadline has passed. Forgets what was pending: a gap is not evidence that a condition lasts.
  Transition fall_silent(const Rule& rule);

  /// Neither firing, pending, watched for absence nor cooling down at that time.
  bool idle(const Rule& rule, Time now) const;
};

}  // namespace weir::thresh_alert
