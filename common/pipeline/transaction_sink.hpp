// The shape of a sink whose store commits the records and the epoch's number in one transaction: exactly once.
#pragma once
#include <cstdint>
#include <optional>
#include <string>

#include "pipeline/held_limit.hpp"
#include "pipeline/sink_stage.hpp"

namespace weir {

/// The store decides: what it says is committed is what every stage goes on from.
///
/// With checkpoints, after start():
///  1. fence(run): makes every earlier run powerless and returns the epoch that the store has committed, in one step.
///  2. on_record() for each record of epoch E+1. They may go to the store, but not become visible.
///  3. commit(E+1) at the barrier, and again until it returns true. on_record() may be called for E+2 in between; a
///     store with one open transaction at a time lets ready() return false until the commit is done.
///  4. close() after the last commit.
/// A run that is killed or fails between these is made up for by the next run's fence(). A record that the store
/// refuses is reported by SinkHost::refuse() before the store's own commit.
///
/// Without checkpoints there is no fence() and no commit(): send records in on_record() and on_pause(), the rest in
/// finish().
class TransactionSink : public SinkStage {
 public:
  /// Takes the pipeline over in the store and returns the last epoch committed there, 0 for none. Waits for a
  /// transaction of an earlier run that is about to commit.
  virtual std::uint64_t fence(const PipelineRun& run) = 0;

  /// What the store knows the epoch by, for messages, such as "row in weir_epoch".
  virtual std::string noted_as() const { return "epoch in the sink's store"; }

  /// What a state that is lost can be made again from, after fence().
  struct Rebuild {
    std::optional<Time> final_until{};  ///< the last watermark committed; nothing: none is known
  };
  /// Nothing where records that come a second time would be doubled: a lost state then ends the run.
  virtual std::optional<Rebuild> rebuild() { return std::nullopt; }
  /// What to do where rebuild() gives nothing; ends the message.
  virtual std::string instead_of_rebuild() const {
    return "remove what it has written, and start over with another --pipe";
  }

  /// Bytes of the epoch that are in memory: an epoch is ended early before it gets too large.
  virtual std::uint64_t held_bytes() const = 0;
  /// How many there may be. Asked for with held_bytes(), and may depend on how far the epoch has come to the store.
  virtual std::uint64_t most_held_bytes() const { return usual_most_held; }

  /// The input is finished; the last epoch ends next.
  virtual void on_end() {}

  /// Commits the records since the last barrier together with the epoch's number, only if the store's number is
  /// `epoch` - 1 and the run is the one that was fenced in last. Returns true when that is done; it should not block
  /// for long. Throws when another run has taken over.
  virtual bool commit(std::uint64_t epoch) = 0;

  /// After the last commit: say goodbye to the store.
  virtual void close() {}
};

}  // namespace weir
