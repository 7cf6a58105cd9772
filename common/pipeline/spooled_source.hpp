// The shape of a source that is sent what it cannot ask for again: receive, store, acknowledge, emit.
#pragma once
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "pipeline/source.hpp"
#include "state/spool.hpp"

namespace weir {

/// Takes what a receiver has received.
class Inbox {
 public:
  /// Adds a line in the receiver's own form, without line break and NUL. It is stored before acknowledge() is called.
  virtual void add(std::string_view line) = 0;

 protected:
  ~Inbox() = default;  // no receiver owns it
};

/// A SpooledSource's own idea: the connection to what sends, and how a stored line becomes a record.
///
/// Life cycle: start(), stored() for each line that earlier runs have left, then in turn receive(), acknowledge(),
/// emit() and wait(), at last close().
class Receiver {
 public:
  enum class Emitted : std::uint8_t {
    record,  ///< one line was appended, or several that belong together
    reject,  ///< it was rejected
    nothing  ///< the line is a note of the receiver's own
  };
  virtual ~Receiver() = default;

  /// Called once, before all else. `host` and `inbox` outlive the run; host.folder() is empty without --state.
  virtual void start(SourceHost& host, Inbox& inbox) = 0;

  /// A line that an earlier run has stored, so that what is sent again can be known: at least those that are not
  /// emitted, and the last 8 MiB.
  virtual void stored(std::string_view line) { static_cast<void>(line); }

  /// Adds what has come to the inbox, about `most` lines at most, without blocking. True when there may be more.
  virtual bool receive(std::uint64_t most) = 0;

  /// Whether senders wait for acknowledge(). Then nothing is received before it without --state.
  virtual bool acknowledges() const { return true; }

  /// All lines added so far are safe: on the disk with --state, else written to standard output.
  virtual void acknowledge() = 0;

  /// The sink has committed the first `lines` records and rejects of all runs.
  virtual void committed(std::uint64_t lines) { static_cast<void>(lines); }
  /// Whether senders wait for committed(): then the end of the run waits a moment for its last commit.
  virtual bool waits_for_commit() const { return false; }

  /// Blocks until receive() may have something, one of `also` is ready, or `limit` has passed.
  virtual void wait(std::span<pollfd> also, WaitLimit limit) = 0;

  /// Appends the record of a stored line to out.lines, or rejects it with `number`, its number in all runs.
  virtual Emitted emit(std::string_view line, std::uint64_t number, Output& out) = 0;

  /// Nothing more will be received.
  virtual bool finished() const { return false; }

  /// Adds what is still held back: the run ends.
  virtual void flush() {}

  /// Called once at the end, when all that was added is acknowledged: disconnect.
  virtual void close() {}

  /// What the receiver remembers besides the spool; loaded before stored().
  virtual void state(StateArchive& archive) { static_cast<void>(archive); }

  /// As those of a source.
  virtual std::optional<Time> promise(Time now) const { return now; }
  virtual std::string summary() const { return {}; }
  virtual bool failed() const { return false; }
};

struct SpooledSettings {
  std::uint64_t spool_limit = state::SpoolLimits().total;  ///< bytes that are not committed; then nothing is received
  std::optional<std::uint64_t> count;                      ///< ends after so many records, in all runs
};

/// A position in the spool, and what was emitted before it.
struct SpooledPosition {
  state::SpoolPosition spool;
  std::uint64_t lines = 0;
  std::uint64_t records = 0;

  void state(StateArchive& archive) { archive.values(spool, lines, records); }
};

/// Runs a receiver. With --state what it receives goes into a spool, is synced, and only then acknowledged; records are
/// made from the spool, so a run that goes on makes the same ones again, rejects included. Without --state lines stay
/// in memory, and are acknowledged once they have been written to standard output.
class SpooledSource : public Source<SpooledPosition>, private Inbox {
 public:
  SpooledSource(std::unique_ptr<Receiver> receiver, const SpooledSettings& settings);

  void start(SourceHost& host) override;
  void begin() override;
  Step next(Output& out) override;
  void wait(std::span<pollfd> also, WaitLimit limit) override;
  void written() override;
  void finish(Output& out) override;
  void close() override;
  SpooledPosition position() override;
  void restore(const SpooledPosition& position) override;
  void committed(const SpooledPosition& position) override {
    spool_->forget(position.spool);
    receiver_->committed(position.lines);
  }
  bool wants_last_commit() const override { return receiver_->waits_for_commit(); }
  void state(StateArchive& archive) override { receiver_->state(archive); }
  std::optional<Time> promise(Time now) const override { return receiver_->promise(now); }
  std::string position_text() const override { return "record " + std::to_string(records_); }
  std::string summary() const override { return receiver_->summary(); }
  bool failed() const override { return receiver_->failed(); }

 private:
  void add(std::string_view line) override;
  bool complete() const { return settings_.count && records_ >= *settings_.count; }
  bool all_emitted() const;
  void look_back(state::SpoolPosition from);
  void receive();
  void store();
  std::optional<std::string_view> next_line();
  bool emit(Output& out, std::size_t most_bytes);

  std::unique_ptr<Receiver> receiver_;
  SpooledSettings settings_;
  SourceHost* host_ = nullptr;
  std::optional<state::Spool> spool_;  ///< with --state
  std::string queue_;                  ///< without: lines, each with its line break
  std::size_t queue_at_ = 0;
  std::uint64_t lines_ = 0;
  std::uint64_t records_ = 0;
  bool unacknowledged_ = false;
  bool more_ = false;  ///< the last receive() has left something
  bool full_reported_ = false;
};

}  // namespace weir
