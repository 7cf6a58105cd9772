// What the three shapes of a sink have in common: reading records, backpressure, waiting.
#pragma once
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "pipeline/input_flow.hpp"
#include "pipeline/output.hpp"
#include "pipeline/reject_log.hpp"
#include "pipeline/wait.hpp"
#include "record/field_watch.hpp"
#include "record/log.hpp"
#include "record/record.hpp"
#include "time/future_guard.hpp"
#include "time/time_types.hpp"

namespace weir {

/// A run of a pipeline with checkpoints, as a sink may have to name it to its store.
struct PipelineRun {
  std::string pipe;        ///< the pipeline's name; stays the same from run to run
  std::string run;         ///< the run's own name, 128 random bits
  std::string folder;      ///< this stage's own folder; the run holds its lock
  bool continues = false;  ///< an earlier run has ended an epoch, so the store was reached once
  /// The state was lost and made again: rows of windows that began before this time were final then.
  std::optional<Time> final_until{};
};

/// A record that the store did not take.
struct Refusal {
  std::uint64_t line = 0;
  std::string raw;
  std::string reason;
};

/// What a sink may use of the run it is in. Outlives the sink's last call.
class SinkHost : public RejectLog {
 public:
  virtual Log& log() = 0;

  /// The run of a pipeline with checkpoints; nullptr without --state. It stays the same during a run.
  virtual const PipelineRun* pipeline() const = 0;

  /// False where reject() and refuse() only count: the records' text is then not needed for them.
  virtual bool keeps_rejects() const = 0;

  /// With checkpoints, during a commit: these records of the epoch are refused by the store. They are durable when this
  /// returns. A second call for the same epoch replaces the first. An OutboxSink's state() is saved again.
  virtual void refuse(std::span<const Refusal> refused) = 0;

  /// For a sink that waits for its store in calls of its own, outside of wait(): poll these descriptors too; once one
  /// of them is ready, call check_stop() several times a second.
  virtual std::vector<pollfd> stop_descriptors() const = 0;
  /// Throws once waiting has no use any more: the run was asked to stop and its time is up, or the source is gone.
  virtual void check_stop() = 0;
};

/// The calls that every sink has. The shapes add how records become durable: Sink, TransactionSink, OutboxSink.
///
/// Order of calls: fields(), start(), then the records with ready() before each, on_pause() between blocks, wait()
/// whenever there is nothing to do. All calls come from one thread. An exception from any of them ends the run.
class SinkStage {
 public:
  SinkStage() = default;
  SinkStage(const SinkStage&) = delete;  // its parts may refer to each other
  SinkStage& operator=(const SinkStage&) = delete;
  virtual ~SinkStage() = default;

  /// The fields that on_record() reads: those that the constructor puts into fields_. Asked for once, before the first
  /// record.
  virtual const FieldSet& fields() const { return fields_; }

  /// The fields that options name; those that no record has are reported.
  virtual std::vector<NamedField> named_fields() const { return {}; }

  /// The guard of the time that orders the records, where the sink goes by one. It belongs to the sink.
  virtual FutureGuard* future_guard() { return nullptr; }

  /// Called once, before the first record: open files, connect. `host` outlives the run.
  virtual void start(SinkHost& host) { static_cast<void>(host); }

  /// One record; it may be held to go out with others.
  virtual Verdict on_record(const Record& record) = 0;

  /// Where on_record() puts messages on its record, which the run reports with the record's line and clears; null: the
  /// sink has none. It belongs to the sink.
  virtual std::vector<RecordMessage>* messages() { return nullptr; }
  /// What was left out so far; reported once a minute and at the end.
  virtual CountReport counts() const { return {}; }

  /// A watermark: no record older than this is expected any more.
  virtual void on_watermark(Time time) { static_cast<void>(time); }

  /// A line was rejected without on_record(): too long, not JSON, a malformed control line, a time not believed.
  virtual void on_unusable() {}

  /// False while no more can be held. Input is then not read, and the pipe fills. commit() or carry_out() under way
  /// goes on meanwhile, so a sink may be not ready until that is done.
  virtual bool ready() { return true; }

  /// Called after each block of input, and when input pauses: send what has waited long enough.
  virtual void on_pause(InputFlow flow) { static_cast<void>(flow); }

  /// Blocks until the sink has something to do, one of `also` is ready, or `limit` has passed. Serve your own
  /// descriptors here.
  virtual void wait(std::span<pollfd> also, WaitLimit limit) { wait_for(also, limit); }

  /// Without checkpoints, at the end of the input: send what is held. Returns true when all of it has arrived; while it
  /// returns false, wait() is called in between.
  virtual bool finish() = 0;

  /// Without checkpoints, when the run was asked to stop and its time is over: rejects all that has not arrived, and
  /// returns a message that counts it. Empty: the sink cannot tell.
  virtual std::string give_up() { return {}; }

  /// Whether finish() is also called when --strict ended the run at a bad record. False for a sink that sums up its
  /// whole input: a part of it would give a wrong sum.
  virtual bool sends_partial_input() const { return true; }

  /// A message for the end of the run, or nothing.
  virtual std::string summary() const { return {}; }

  /// Something failed that does not end the run, but makes it exit 1.
  virtual bool failed() const { return false; }

 protected:
  FieldSet fields_;
};

}  // namespace weir
