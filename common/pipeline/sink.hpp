// The shape of a sink: records go somewhere outside.
#pragma once
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "pipeline/reject_log.hpp"
#include "pipeline/stage_state.hpp"
#include "pipeline/wait.hpp"
#include "record/record.hpp"
#include "time/time_types.hpp"

namespace weir {

/// How long a sink may wait for its store.
class Patience {
 public:
  virtual ~Patience() = default;
  /// For poll(2): one of them becomes ready when over() has to be asked, from then on every now and then.
  virtual std::vector<pollfd> signs() const = 0;
  /// Waiting is of no use any more: throw what ends the run. The run has been asked to stop and its time is up, or,
  /// with checkpoints, the source is gone and will send no barrier.
  virtual bool over() = 0;
};

/// A sink's own idea.
class Sink : public StageState {
 public:
  /// The fields that on_record() reads; asked for once, before the first record.
  virtual const FieldSet& fields() const = 0;

  /// Called once, before all else, and meant for a sink that waits for its store elsewhere than in wait().
  virtual void be_patient(Patience& patience) { static_cast<void>(patience); }

  /// Called once, before the first record; `rejects` outlives the sink's run.
  virtual void start(RejectLog& rejects) { static_cast<void>(rejects); }

  /// One record; it may be held back to go out with others.
  virtual Verdict on_record(const Record& record) = 0;

  /// A promise came: no record older than this is expected any more.
  virtual void on_watermark(Time time) { static_cast<void>(time); }

  /// A line came that is no record and goes to the rejects: too long, not JSON, a malformed control line.
  virtual void on_unusable() {}

  /// False while no more can be held: input is then not read, and the pipe behind it fills.
  virtual bool ready() { return true; }

  /// Called between blocks of input and whenever input pauses: time to send what has waited long enough. `paused` is
  /// true when there is no input right now.
  virtual void on_pause(bool paused) { static_cast<void>(paused); }

  /// Blocks until the sink has something to do, one of `also` is ready, or `limit` has passed. Serve your own
  /// descriptors here.
  virtual void wait(std::span<pollfd> also, WaitLimit limit) { wait_for(also, limit); }

  /// The input is finished: send what is held. Returns true when all of it has arrived; while false, wait() is called
  /// in between.
  virtual bool finish() = 0;

  /// Whether finish() is also called when --strict ended the run at a record that cannot be used. False for a sink that
  /// sums up its whole input: a part of it would be a wrong sum.
  virtual bool finishes_partly() const { return true; }

  /// A run as a store outside can know it.
  struct RunName {
    std::string pipe;
    std::string run;
  };

  /// With checkpoints: a folder of this sink's own, before start(). It holds the lock of it.
  virtual void open_state(const std::string& folder) { static_cast<void>(folder); }

  /// With checkpoints, before the first record: makes every earlier run of the pipeline powerless in the sink's own
  /// store and returns the last epoch committed there. Nothing where the sink has no such store: then its snapshot is
  /// the commit, and commit() carries it out.
  virtual std::optional<std::uint64_t> take_over(const RunName& name) {
    static_cast<void>(name);
    return std::nullopt;
  }

  /// An epoch ends: writes what later epochs need and, where the snapshot is the commit, what this one sends. Asked
  /// for again from within RejectLog::refuse(), for the same epoch; what has been sent by then may be left out.
  virtual void snapshot(SnapshotWriter& to) {
    static_cast<void>(to);
    keeps_none();
  }

  /// Where an epoch is held until it is committed: one that is large for memory is ended early.
  enum class Holds : std::uint8_t { in_memory, on_disk };
  virtual Holds holds_epochs() const { return Holds::in_memory; }

  /// Whether was_committed() should not be forgotten when the power goes.
  virtual bool repeats_are_seen() const { return false; }
  /// The epoch that was restored is known to have been carried out: a sink whose effects cannot be done twice forgets
  /// what it would send. Others carry it out again, which then changes nothing.
  virtual void was_committed() {}

  /// Sends what the epoch has gathered, durably and, with a store of its own, in one step with the epoch's number.
  /// Returns true when that is done. While false it is asked again, behind each block of input and each wait(): records
  /// of the next epoch come meanwhile, but not its snapshot(). It is called for the epoch that was restored where the
  /// snapshot is the commit.
  virtual bool commit(std::uint64_t epoch) {
    static_cast<void>(epoch);
    keeps_none();
  }

  /// With checkpoints: the input is finished; the last epoch's snapshot and commit follow.
  virtual void on_end() {}

  /// What a person should know at the end, or nothing.
  virtual std::string summary() const { return {}; }

  /// As Source::failed().
  virtual bool failed() const { return false; }
};

}  // namespace weir
