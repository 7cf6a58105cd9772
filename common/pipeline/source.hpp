// The shape of a source: something outside becomes records.
#pragma once
#include <poll.h>

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include "pipeline/output.hpp"
#include "pipeline/reject_log.hpp"
#include "pipeline/stage_state.hpp"
#include "pipeline/wait.hpp"
#include "time/time_types.hpp"

namespace weir {

/// A source's own idea.
class Source : public StageState {
 public:
  enum class Step {
    more,  ///< something was appended, ask again
    idle,  ///< nothing there now: wait() before asking again
    end    ///< finished for good
  };
  /// Called once, before the first next(), of a source that is run with rejects; `rejects` outlives the run.
  virtual void start(RejectLog& rejects) { static_cast<void>(rejects); }

  /// Appends whole lines to out.lines, some 64 KiB and `out.wanted` lines at most, without blocking for long.
  virtual Step next(Output& out) = 0;

  /// Blocks until next() may have something, one of `also` is ready, or `limit` has passed, whichever comes first.
  /// `also` are the skeleton's own descriptors (a signal, the reader of standard output); add yours to them.
  virtual void wait(std::span<pollfd> also, WaitLimit limit) { wait_for(also, limit); }

  /// What a heartbeat may promise at `now`, the time of day: no record older than this is to be expected. Nothing: no
  /// heartbeat now. A source whose records come with times of their own, some while old, must not promise the present.
  virtual std::optional<Time> promise(Time now) const { return now; }

  /// With checkpoints: a folder of this source's own, before anything else. It holds the lock of it.
  virtual void open_state(const std::string& folder) { static_cast<void>(folder); }

  /// Writes the place behind the last line appended, so that a source made anew with the same settings goes on from
  /// there.
  virtual void snapshot(SnapshotWriter& to) {
    static_cast<void>(to);
    keeps_none();
  }

  /// The same place in words for a person, or nothing.
  virtual std::string place() const { return {}; }

  /// The sink has committed so many more of the snapshots, the oldest first: what lies before them is not asked for
  /// again.
  virtual void committed(std::uint64_t snapshots) { static_cast<void>(snapshots); }

  /// Whether the run's end waits a moment for the commit of its last snapshot, so that committed() is called for it:
  /// where others wait for that. Else the next start makes up for it.
  virtual bool wants_last_commit() const { return false; }

  /// The run ends, also by SIGTERM, but not when it will go on from a snapshot: say goodbye to the outside
  /// (disconnect), append what is still held.
  virtual void close(Output& out) { static_cast<void>(out); }

  /// What a person should know at the end, or nothing.
  virtual std::string summary() const { return {}; }

  /// Something failed that does not end the run, but makes it exit 1 (a city that could not be read, with --once).
  virtual bool failed() const { return false; }
};

}  // namespace weir
