// pipe-spool that writes: a stream into a folder.
#pragma once
#include <chrono>
#include <functional>
#include <optional>
#include <string>

#include "pipeline/sink.hpp"
#include "state/lock_file.hpp"
#include "state/spool.hpp"

namespace weir::pipe_spool {

/// With checkpoints the lines of an epoch are gathered; the snapshot says behind which place of the spool they stand
/// and holds them: it is the commit. They are appended behind it, and a start completes what the last run has begun. So
/// each line in the spool is committed. Without checkpoints lines are appended as they come, and are on the disk
/// whenever input pauses.
///
/// No more input is taken while what readers have not done with and the epoch being gathered would be more than the
/// limit together. An epoch that is larger than the limit by itself goes beyond it, and is said: its end cannot come
/// before it is taken.
class SpoolSink : public Sink {
 public:
  enum class Commit { epochs, blocks };
  using Warn = std::function<void(const std::string&)>;
  SpoolSink(std::string folder, state::SpoolLimits limits, Commit commit, Warn warn);

  const FieldSet& fields() const override { return fields_; }
  void start(RejectLog& rejects) override;
  Verdict on_record(const Record& record) override;
  void on_watermark(Time time) override;
  bool ready() override;
  void on_pause(bool paused) override;
  void wait(std::span<pollfd> also, WaitLimit limit) override;
  bool finish() override;
  void snapshot(SnapshotWriter& to) override;
  void restore(SnapshotReader& from) override;
  bool commit(std::uint64_t epoch) override;

 private:
  void add(std::string_view line);
  void append_pending();
  void append_plan();
  void forget();
  bool has_room();

  std::string folder_;
  state::SpoolLimits limits_;
  Commit commit_;
  Warn warn_;
  FieldSet fields_;
  std::optional<state::LockFile> lock_;
  std::optional<state::Spool> spool_;
  std::string pending_;       ///< lines, each with its line break
  std::uint64_t staged_ = 0;  ///< bytes that those will take in the spool
  std::uint64_t held_ = 0;    ///< bytes in the spool that some reader has not done with
  state::SpoolPlace plan_place_;
  std::string plan_;  ///< the lines of the epoch that is committed
  bool full_ = false;
  bool warned_ = false;
};

}  // namespace weir::pipe_spool
