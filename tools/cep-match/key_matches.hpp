// The search for matches among the records of each key.
#pragma once
#include <cstdint>
#include <string_view>
#include <vector>

#include "match_writer.hpp"
#include "matcher.hpp"
#include "query.hpp"
#include "row_store.hpp"

namespace weir::cep_match {

inline constexpr std::uint32_t no_attempt = 0xffffffff;

/// What is held of a key.
struct KeyState {
  Time greatest = Time::min();     ///< of its records
  Time now = Time::min();          ///< its watermark
  Time absent_seen = Time::min();  ///< its last record that Program::absent_before forbids
  std::uint64_t number = 0;        ///< of its next record
  std::uint64_t covered = 0;       ///< records before this belong to matches
  std::uint64_t matches = 0;
  RowId first = no_row;  ///< of its records in order that are still needed
  RowId last = no_row;
  RowId unread = no_row;      ///< the first of them that the matcher has not had, as it looks ahead
  RowId begin_at = no_row;    ///< where the next attempt begins, when none is under way
  RowId held_first = no_row;  ///< of its records that are not in order yet
  RowId held_last = no_row;
  std::uint32_t rows = 0;
  std::uint32_t unread_rows = 0;
  std::uint32_t held = 0;
  std::uint32_t attempt = no_attempt;  ///< the first
  std::uint32_t last_attempt = no_attempt;
  std::uint32_t attempts = 0;

  /// Whether nothing is under way.
  bool is_idle() const { return attempt == no_attempt && first == no_row && held_first == no_row; }
};

/// Keeps the attempts of all keys.
///
/// After a match the search goes on where `skip` tells, so an attempt begins only when the one before it is over, and
/// takes the records since then again. Where every record begins one (next_row, none), attempts run side by side.
class KeyMatches {
 public:
  /// Keeps references to all but the settings.
  KeyMatches(const Query& query, const Settings& settings, Conditions& conditions, TargetReader& reader, RowStore& rows,
             Matcher& matcher, MatchWriter& writer);

  /// Whether a record that fits these variables matters to the key; one that does not is only counted.
  bool matters(const KeyState& key, Labels fits) const;
  /// Takes the next record of a key, in order.
  void take(KeyState& key, std::string_view name, RowId row, Output& out);
  /// Time passes for a key: no record before `now` comes any more.
  void pass(KeyState& key, std::string_view name, Time now, Output& out);
  /// The key has no more records.
  void finish(KeyState& key, std::string_view name, Output& out);
  /// After this time something happens without a record.
  Time deadline(const KeyState& key) const;
  /// The beginning of the key's earliest attempt, for the order of finish().
  Time start(const KeyState& key) const;

  /// Attempts that are under way.
  std::uint64_t open() const { return attempts_.size() - free_.size(); }
  std::uint64_t given_up() const { return given_up_; }
  /// Forgets all that is under way for a key, and the records of which no match has begun.
  void forget(KeyState& key);
  std::uint64_t unskippable() const { return unskippable_; }

  void state(StateArchive& archive) { archive.values(attempts_, free_, given_up_, unskippable_); }

 private:
  bool side_by_side() const { return side_by_side_; }
  void link(KeyState& key, RowId row);
  void read(KeyState& key, std::string_view name, RowId row, Output& out);
  void read_beside(KeyState& key, std::string_view name, RowId row, Output& out);
  void search(KeyState& key, std::string_view name, Time now, Output& out);
  void settle(KeyState& key, std::string_view name, Output& out);
  RowId following(const KeyState& key, RowId row) const;
  std::uint32_t begin(KeyState& key, RowId row);
  void remove_first(KeyState& key);
  void resolve(KeyState& key, std::string_view name, Output& out);
  void emit(KeyState& key, std::string_view name, const Attempt& attempt, NodeId last, Time end, Output& out);
  void emit_timeout(KeyState& key, std::string_view name, const Attempt& attempt, Output& out);
  void emit_found(KeyState& key, std::string_view name, const Attempt& attempt, Output& out);
  RowId after_match(const KeyState& key, const Attempt& attempt, Output& out);
  void leave(KeyState& key, RowId row, Output& out);
  void trim(KeyState& key);
  void give_up(KeyState& key, Output& out);
  void drop_read(KeyState& key);

  const Query& query_;
  const Program& program_;
  Conditions& conditions_;
  TargetReader& reader_;
  RowStore& rows_;
  Matcher& matcher_;
  MatchWriter& writer_;
  Timeouts timeouts_;
  std::uint64_t max_records_;
  std::uint64_t max_attempts_;
  bool side_by_side_;
  bool needs_all_;
  std::vector<Attempt> attempts_;
  std::vector<std::uint32_t> free_;
  std::uint64_t given_up_ = 0;
  std::uint64_t unskippable_ = 0;
};

}  // namespace weir::cep_match
