// The state machine of one rule and one key; it knows times and truths, neither records nor expressions.
#pragma once
#include <array>
#include <cstdint>
#include <optional>
#include <span>

#include "rule.hpp"
#include "time/time_types.hpp"

namespace weir::thresh_alert {

/// What a condition said of a record.
enum class Truth : std::uint8_t { no, yes, unknown };

/// A level's conditions for one record; of a level without `clear`, clear is not looked at.
struct Seen {
  Truth when = Truth::unknown;
  Truth clear = Truth::unknown;
};

/// One level: idle, pending (breaching, but not for long or often enough), active.
struct LevelState {
  Time breach_since{};       ///< first breaching record that still counts
  Time met_since{};          ///< since when enough of the last records have breached
  std::uint64_t recent = 0;  ///< of the last records, the newest in bit 0: did it breach
  bool met = false;
  bool active = false;

  /// A record whose condition is unknown changes nothing.
  void observe(const LevelRule& rule, Time time, Seen seen);
  /// Nothing of it would be missed.
  bool idle() const { return !active && recent == 0; }
};

/// A change of what an alert shows.
struct Transition {
  Level from = Level::ok;
  Level to = Level::ok;
  Time time{};
  Time since{};  ///< when the alert began: the first breaching record, or the last one before an absence
};

struct RuleState {
  std::array<LevelState, 2> levels{};  ///< as Rule::levels
  Time last{};                         ///< of the newest record; later ones are not older
  Time since{};
  Time last_fired{};
  Level shown = Level::ok;
  bool seen = false;     ///< any record yet
  bool fired = false;    ///< last_fired means something
  bool watched = false;  ///< a place among the deadlines of absence is taken

  /// Older than a record that was already taken.
  bool is_late(Time time) const { return seen && time < last; }

  /// A record that is not late; `conditions` as Rule::levels. Returns the change, if there is one.
  std::optional<Transition> observe(const Rule& rule, Time time, std::span<const Seen> conditions);

  /// The moment from which on, without a record, the key counts as absent. Only of rules that ask for it.
  Time deadline(const Rule& rule) const;

  /// The deadline has passed. Forgets what was pending: a gap is no evidence of anything lasting.
  Transition fall_silent(const Rule& rule);

  /// Neither firing, pending, watched for absence nor cooling down at that time.
  bool idle(const Rule& rule, Time now) const;
};

}  // namespace weir::thresh_alert
