// The sink of pipe-spool: a stream into a folder.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "pipeline/outbox_sink.hpp"
#include "state/lock_file.hpp"
#include "state/spool.hpp"

namespace weir::pipe_spool {

/// With checkpoints the lines of an epoch are gathered. The snapshot holds them and the position in the spool after
/// which they stand; then they are appended there, and a start completes what the last run began. So each line in the
/// spool is committed. Without checkpoints lines are appended as they come, and are on the disk whenever input pauses.
///
/// No more input is taken while the lines that readers still need and the epoch under way reach the limit together. An
/// epoch that is larger than the limit by itself goes beyond it, with a warning: its end comes after its lines.
class SpoolSink : public OutboxSink {
 public:
  struct Settings {
    std::string folder;
    std::uint64_t limit = state::SpoolLimits().total;  ///< bytes
  };
  /// Throws std::invalid_argument, naming the option.
  explicit SpoolSink(Settings settings);

  void start(SinkHost& host) override;
  Verdict on_record(const Record& record) override;
  void on_watermark(Time time) override;
  bool ready() override;
  void on_pause(InputFlow flow) override;
  void wait(std::span<pollfd> also, WaitLimit limit) override;
  bool finish() override;

  /// To append again what stands in the spool changes nothing.
  Repeat repeat() const override { return Repeat::harmless; }
  std::uint64_t held_bytes() const override { return pending_.size(); }
  void seal() override;
  void state(StateArchive& archive) override { archive.values(position_, outbox_); }
  bool carry_out(std::uint64_t epoch) override;

 private:
  bool gathers() const { return host_->pipeline() != nullptr; }
  void add(std::string_view line);
  void append_pending();
  void append_outbox();
  void forget();
  bool has_room();

  std::string folder_;
  state::SpoolLimits limits_;
  SinkHost* host_ = nullptr;
  std::optional<state::LockFile> lock_;
  std::optional<state::Spool> spool_;
  std::string pending_;            ///< lines, each with its line break
  std::uint64_t staged_ = 0;       ///< bytes that those will take in the spool
  std::uint64_t held_ = 0;         ///< bytes in the spool that some reader still needs
  state::SpoolPosition position_;  ///< where the outbox begins in the spool
  std::string outbox_;             ///< the lines of the last epoch that ended
  bool full_ = false;
  bool warned_ = false;
};

}  // namespace weir::pipe_spool
