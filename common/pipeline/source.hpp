// The shape of a source: something outside becomes records.
#pragma once
#include <poll.h>

#include <cstdint>
#include <deque>
#include <optional>
#include <span>
#include <string>
#include <utility>

#include "pipeline/output.hpp"
#include "pipeline/reject_log.hpp"
#include "pipeline/wait.hpp"
#include "record/log.hpp"
#include "state/archive.hpp"
#include "state/epoch_file.hpp"
#include "time/time_types.hpp"

namespace weir {

/// What a source may use of the run it is in. Outlives the source's last call.
class SourceHost : public RejectLog {
 public:
  /// Messages for a person.
  virtual Log& log() = 0;
  /// This stage's own folder, whose lock the run holds; empty without --state.
  virtual const std::string& folder() const = 0;
};

/// The calls that every source has, as run_source() makes them. Derive from Source<Position>, which adds its position.
///
/// Order of calls: start(), then begin() or restore(), then next() and wait() in turn, finish() when the source has
/// ended, close(). All calls come from one thread. An exception from any of them ends the run.
class AnySource {
 public:
  enum class Step {
    more,  ///< something was done: ask again
    idle,  ///< nothing is there now: wait() before asking again
    end    ///< finished for good
  };
  virtual ~AnySource() = default;

  /// Appends whole lines to out.lines, some 64 KiB and `out.wanted` lines at most, without blocking for long.
  virtual Step next(Output& out) = 0;

  /// Blocks until next() may have something, one of `also` is ready, or `limit` has passed, whichever comes first.
  /// `also` are the run's own descriptors (a signal, the reader of standard output): wait_for(own, also, limit).
  virtual void wait(std::span<pollfd> also, WaitLimit limit) = 0;

  /// Called once, before all else: open files, set up connections.
  virtual void start(SourceHost& host) { static_cast<void>(host); }

  /// Decides where a first run begins. With checkpoints the position is then kept: until an epoch is committed, later
  /// runs restore it.
  virtual void begin() {}

  /// In place of begin(), where the state is lost and made again: begins early enough for all windows that begin at
  /// `final_until` or later, or at the very beginning without one. Throws state::Unusable where that is impossible.
  virtual void rebuild(std::optional<Time> final_until) {
    static_cast<void>(final_until);
    throw state::Unusable("the state is lost, and this source cannot be read again: only kafka-sub can");
  }

  /// All lines appended so far have been written to standard output, and all rejects to their file: what they came
  /// from may be acknowledged. They are committed only later.
  virtual void written() {}

  /// What a heartbeat may promise at `now`, the time of day: no later record is older than this. Nothing: no heartbeat
  /// now. A source whose records bring their own times must not promise the present.
  virtual std::optional<Time> promise(Time now) const { return now; }

  /// Appends what is still held: the source has ended or, without checkpoints, was asked to stop.
  virtual void finish(Output& out) { static_cast<void>(out); }

  /// Called once, after the last line has been written: disconnect. Not called when an exception ends the run.
  virtual void close() {}

  /// The position for a person (pipe-run --inspect), or nothing.
  virtual std::string position_text() const { return {}; }

  /// Whether the end of the run waits a moment for its last commit, because others wait for committed(). Otherwise the
  /// next start makes up for it.
  virtual bool wants_last_commit() const { return false; }

  /// A message for the end of the run, or nothing.
  virtual std::string summary() const { return {}; }

  /// Something failed that does not end the run, but makes it exit 1 (a city that could not be read, with --once).
  virtual bool failed() const { return false; }

  /// The version of what is saved; a snapshot of another version is refused.
  virtual std::uint32_t schema() const { return 1; }

  /// Checkpoints, as the run calls them. Source<Position> implements these.
  virtual void save(std::uint64_t epoch, SnapshotWriter& to) = 0;
  virtual void load(std::uint64_t epoch, SnapshotReader& from) = 0;
  virtual void note_committed(std::uint64_t epoch) = 0;
};

/// A source with a position: a value that StateArchive can save, from which a new source with the same settings
/// continues with the same lines.
template <typename Position>
class Source : public AnySource {
 public:
  /// The position after the last line appended.
  virtual Position position() = 0;

  /// Continues at a position, in a source that has appended nothing. Throws state::Unusable where it is lost.
  virtual void restore(const Position& position) = 0;

  /// The sink has committed all lines before this position: they are never asked for again. It is one that restore()
  /// got or position() gave.
  virtual void committed(const Position& position) { static_cast<void>(position); }

  /// What the lines to come depend on besides the position; loaded before restore().
  virtual void state(StateArchive& archive) { static_cast<void>(archive); }

  void save(std::uint64_t epoch, SnapshotWriter& to) final {
    StateArchive archive(to);
    Position now = position();
    archive.value(now);
    state(archive);
    if (epoch > 0) saved_.emplace_back(epoch, std::move(now));
  }

  void load(std::uint64_t epoch, SnapshotReader& from) final {
    StateArchive archive(from);
    Position then{};
    archive.value(then);
    state(archive);
    restore(then);
    if (epoch > 0) committed(then);
  }

  void note_committed(std::uint64_t epoch) final {
    std::optional<Position> last;
    for (; !saved_.empty() && saved_.front().first <= epoch; saved_.pop_front())
      last = std::move(saved_.front().second);
    if (last) committed(*last);
  }

 private:
  std::deque<std::pair<std::uint64_t, Position>> saved_;  ///< by epoch; not committed yet
};

}  // namespace weir
