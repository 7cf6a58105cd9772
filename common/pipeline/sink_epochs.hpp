// What the shapes of a sink with checkpoints do at the same moments of a run; internal to the room.
#pragma once
#include <cstdint>
#include <optional>
#include <string>

#include "pipeline/held_limit.hpp"
#include "pipeline/outbox_sink.hpp"
#include "pipeline/transaction_sink.hpp"
#include "state/archive.hpp"
#include "state/atomic_file.hpp"

namespace weir {

/// A sink's part in checkpoints, as its run drives it.
class SinkEpochs {
 public:
  virtual ~SinkEpochs() = default;

  virtual std::uint32_t schema() const = 0;

  /// What a store of its own knows the epoch by (TransactionSink::noted_as); empty: there is none.
  virtual std::string noted_as() const { return {}; }
  /// The epoch that every stage goes on from. `saved` is the last one with a snapshot, `committed` the one that
  /// DIR/commit names.
  virtual std::uint64_t begin(const PipelineRun& run, std::uint64_t saved, std::uint64_t committed) = 0;
  /// TransactionSink::rebuild().
  virtual std::optional<TransactionSink::Rebuild> rebuild() { return std::nullopt; }
  virtual std::string instead_of_rebuild() const { return {}; }
  /// Reads the snapshot of that epoch.
  virtual void load(SnapshotReader& from) = 0;
  /// Whether commit() is also due for the epoch that was gone on from.
  virtual bool commits_again() const = 0;

  virtual std::uint64_t held_bytes() const = 0;
  virtual std::uint64_t most_held_bytes() const { return usual_most_held; }
  virtual void on_end() = 0;
  /// The epoch ends; save() comes next.
  virtual void seal() = 0;
  virtual void save(SnapshotWriter& to) = 0;
  /// True when the epoch is committed or carried out.
  virtual bool commit(std::uint64_t epoch) = 0;
  /// Whether DIR/commit has to survive a loss of power.
  virtual state::Durable durable() const = 0;
  virtual void close() = 0;
};

/// The store knows the last epoch. The snapshot has nothing of the sink's: its file holds the epoch's rejects, and the
/// options that must not change.
class TransactionEpochs : public SinkEpochs {
 public:
  explicit TransactionEpochs(TransactionSink& sink) : sink_(sink) {}
  std::uint32_t schema() const override { return 1; }
  std::string noted_as() const override { return sink_.noted_as(); }
  std::uint64_t begin(const PipelineRun& run, std::uint64_t, std::uint64_t) override { return sink_.fence(run); }
  std::optional<TransactionSink::Rebuild> rebuild() override { return sink_.rebuild(); }
  std::string instead_of_rebuild() const override { return sink_.instead_of_rebuild(); }
  void load(SnapshotReader&) override {}
  bool commits_again() const override { return false; }
  std::uint64_t held_bytes() const override { return sink_.held_bytes(); }
  std::uint64_t most_held_bytes() const override { return sink_.most_held_bytes(); }
  void on_end() override { sink_.on_end(); }
  void seal() override {}
  void save(SnapshotWriter&) override {}
  bool commit(std::uint64_t epoch) override { return sink_.commit(epoch); }
  state::Durable durable() const override { return state::Durable::no; }
  void close() override { sink_.close(); }

 private:
  TransactionSink& sink_;
};

/// The last snapshot is the last epoch, which is carried out by whichever run comes to it.
class OutboxEpochs : public SinkEpochs {
 public:
  explicit OutboxEpochs(OutboxSink& sink) : sink_(sink) {}
  std::uint32_t schema() const override { return sink_.schema(); }
  std::uint64_t begin(const PipelineRun&, std::uint64_t saved, std::uint64_t committed) override {
    if (committed >= saved) last_ = OutboxSink::LastEpoch::carried_out;
    return saved;
  }
  void load(SnapshotReader& from) override {
    StateArchive archive(from);
    sink_.state(archive);
    sink_.restored(last_);
  }
  bool commits_again() const override { return true; }
  std::uint64_t held_bytes() const override { return sink_.held_bytes(); }
  void on_end() override { sink_.on_end(); }
  void seal() override { sink_.seal(); }
  void save(SnapshotWriter& to) override {
    StateArchive archive(to);
    sink_.state(archive);
  }
  bool commit(std::uint64_t epoch) override { return sink_.carry_out(epoch); }
  state::Durable durable() const override {
    return sink_.repeat() == OutboxSink::Repeat::visible ? state::Durable::yes : state::Durable::no;
  }
  void close() override { sink_.close(); }

 private:
  OutboxSink& sink_;
  OutboxSink::LastEpoch last_ = OutboxSink::LastEpoch::unknown;
};

}  // namespace weir
