// The shape of a sink whose effects no store can undo or tell apart (messages, mails, a plain file).
#pragma once
#include <cstdint>

#include "pipeline/sink_stage.hpp"
#include "state/archive.hpp"

namespace weir {

/// The snapshot is the commit: it holds what the epoch is going to do. Only when it is durable, that is carried out.
///
/// With checkpoints, after start():
///  1. state() and restored(), where an earlier run left a snapshot, then carry_out() of that epoch until it returns
///  true.
///  2. on_record() for each record of the epoch under way: gather what it will do.
///  3. At the barrier seal(): what was gathered becomes the outbox; then state().
///  4. carry_out(E) until it returns true. on_record() of the next epoch is called in between, the next seal() is not.
///  5. close() after the last epoch.
/// A kill during step 4 leads to step 1 of the next run, so an epoch may be carried out twice, wholly or in part. Give
/// each effect an id that is the same both times (message_id()), or make sure that doing it twice changes nothing.
///
/// Without checkpoints none of this is called: act in on_record() and on_pause(), and do the rest in finish().
class OutboxSink : public SinkStage {
 public:
  /// What it means to carry out an epoch a second time.
  enum class Repeat : std::uint8_t {
    harmless,  ///< it changes nothing
    visible    ///< someone outside sees it: it is avoided where it is known that the epoch was carried out
  };
  virtual Repeat repeat() const = 0;

  /// The version of what state() saves; a snapshot of another version is refused.
  virtual std::uint32_t schema() const { return 1; }

  /// Bytes of the epoch under way that are in memory: an epoch is ended early before it gets too large.
  virtual std::uint64_t held_bytes() const = 0;

  /// The input is finished; the last epoch ends next.
  virtual void on_end() {}

  /// The epoch ends: what has been gathered becomes the outbox. The one before it was carried out.
  virtual void seal() = 0;

  /// Describes the outbox, and what later epochs need. Saved again after SinkHost::refuse(); loaded before the first
  /// record.
  virtual void state(StateArchive& archive) = 0;

  /// What is known of the epoch that a snapshot belongs to.
  enum class LastEpoch : std::uint8_t {
    carried_out,  ///< all of it: drop an outbox whose effects would be seen twice
    unknown       ///< perhaps nothing, perhaps all
  };
  /// The state has been loaded.
  virtual void restored(LastEpoch last) { static_cast<void>(last); }

  /// Carries out the outbox of the epoch. Returns true when all of it is done; it should not block for long.
  virtual bool carry_out(std::uint64_t epoch) = 0;

  /// After the last epoch: say goodbye.
  virtual void close() {}
};

}  // namespace weir
