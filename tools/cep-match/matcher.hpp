// Runs a program over the records of a key, for one beginning of a match at a time.
#pragma once
#include <cstdint>
#include <optional>
#include <vector>

#include "conditions.hpp"
#include "history.hpp"
#include "program.hpp"
#include "row_store.hpp"

namespace weir::cep_match {

/// Which matches of one beginning are wanted.
enum class Wanted : std::uint8_t {
  preferred,  ///< the first in the order of preference
  all         ///< every one
};

/// A way through the program: what it waits for, and what it has matched.
struct Thread {
  std::uint32_t at = 0;  ///< an instruction
  NodeId node = no_node;
  std::uint32_t group = 0;  ///< threads that were one up to their last record
  std::uint32_t alike = 0;  ///< while a list is made: 1 + the thread before it at the same instruction
};

/// Tries to match from one record on. It is over when it has no threads.
struct Attempt {
  RowId start = no_row;
  RowId next = no_row;               ///< the record that it takes next, where that has come
  Time deadline = Time::max();       ///< after this time something happens without a record
  Time found_at = Time::min();       ///< when `found` was complete, or time ran out
  NodeId found = no_node;            ///< the best match so far
  NodeId partial = no_node;          ///< the best thread when time ran out
  std::uint32_t later = 0xffffffff;  ///< the next attempt of the key, or of those that are free
  bool has_found = false;
  bool expired = false;
  std::vector<Thread> threads;  ///< in the order of preference; those of a group stand together

  bool over() const { return threads.empty(); }
  void state(StateArchive& archive) {
    archive.values(start, next, deadline, found_at, found, partial, later, has_found, expired, threads);
  }
};

/// A match of Wanted::all.
struct Found {
  NodeId node;
  Time at;
};

class Matcher {
 public:
  /// Keeps references to all but the limits: the most threads of an attempt, and the most bytes held in all.
  Matcher(const Program& program, Conditions& conditions, RowStore& rows, TargetReader& reader, Wanted wanted,
          std::uint64_t max_threads, std::uint64_t max_held);

  /// Begins an attempt, whose lists are empty, at a record; it takes that record next.
  void begin(Attempt& attempt, RowId start);
  /// Takes the next record of the key.
  void step(Attempt& attempt, RowId row);
  /// Time passes: no record up to `now` comes any more. Only records at `now` and later.
  void pass(Attempt& attempt, Time now);
  /// The key has no more records.
  void finish(Attempt& attempt);
  /// Gives back what the attempt holds.
  void clear(Attempt& attempt);

  /// The matches of Wanted::all since the last call of forget_found(); each has a reference.
  const std::vector<Found>& found() const { return found_; }
  void forget_found();

  History& history() { return history_; }
  const History& history() const { return history_; }
  std::uint64_t dropped_threads() const { return dropped_; }
  /// Bytes of rows, chains, threads and attempts.
  std::uint64_t held_bytes() const {
    return rows_.held_bytes() + history_.held_bytes() + threads_ * sizeof(Thread) + attempts_ * sizeof(Attempt);
  }
  /// Whether these take all the memory that they may.
  bool is_full() const { return held_bytes() >= max_held_; }
  /// Whether little is left, which is for those that have few ways and attempts.
  bool is_crowded() const { return held_bytes() >= max_held_ - max_held_ / 8; }
  /// Whether one that has so many may have one more.
  bool has_room(std::size_t ways) const { return ways < 16 ? !is_full() : !is_crowded(); }
  /// Instructions run so far.
  std::uint64_t steps() const { return steps_; }

  void state(StateArchive& archive) { archive.values(history_, dropped_, threads_, attempts_); }

 private:
  enum class Accepted : std::uint8_t { no, yes };

  Accepted expand(Attempt& attempt, std::uint32_t at, NodeId node, std::uint32_t group);
  void add(std::uint32_t at, NodeId node, std::uint32_t group);
  void keep(const Thread& thread) { add(thread.at, thread.node, thread.group); }
  bool is_known(std::uint32_t at, NodeId node) const;
  bool same_future(NodeId a, NodeId b) const;
  void end_group(std::size_t begin);
  void start_list();
  void finish_list(Attempt& attempt);
  void drop(std::vector<Thread>& threads);
  void look_ahead(Attempt& attempt, RowId row);
  NodeId take(RowId row, NodeId node, std::uint32_t label, bool excluded);
  bool fits_any(Labels labels, RowId row, NodeId node);
  bool step_group(Attempt& attempt, std::size_t begin, std::size_t end, RowId row);
  bool is_ripe(const Thread& thread, const Attempt& attempt, Time at) const;
  Time due(const Thread& thread, const Attempt& attempt) const;
  Time limit(const Attempt& attempt) const;
  void set_deadline(Attempt& attempt) const;
  void expire(Attempt& attempt);
  void accept(Attempt& attempt, NodeId node);
  Time time_of(NodeId node, const Attempt& attempt) const;

  const Program& program_;
  Conditions& conditions_;
  RowStore& rows_;
  TargetReader& reader_;
  Wanted wanted_;
  std::uint64_t max_threads_;
  std::uint64_t max_held_;
  History history_;
  std::uint64_t dropped_ = 0;
  std::uint64_t steps_ = 0;
  std::uint64_t threads_ = 0;   ///< of all attempts, and of the list
  std::uint64_t attempts_ = 0;  ///< begun and not cleared

  // while a list is made
  bool ended_ = false;  ///< the key has no more records
  Time now_{};          ///< when a match that is found now is complete
  std::vector<Thread> list_;
  std::uint32_t groups_ = 0;
  std::vector<std::uint32_t> heads_;    ///< of each instruction: 1 + the last thread there to compare with
  std::vector<std::uint32_t> touched_;  ///< instructions with a head
  std::vector<std::uint64_t> visited_;  ///< of each instruction: the expansion that came there last
  std::uint64_t expansion_ = 0;
  std::vector<std::uint32_t> open_;  ///< instructions still to visit
  std::vector<NodeId> taken_;        ///< of the threads of a group
  std::vector<Found> found_;
};

}  // namespace weir::cep_match
