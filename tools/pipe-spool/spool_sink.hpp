// pipe-spool that writes: a stream into a folder.
#pragma once
#include <chrono>
#include <optional>
#include <string>

#include "pipeline/sink.hpp"
#include "state/lock_file.hpp"
#include "state/spool.hpp"

namespace weir {

/// With checkpoints the lines of an epoch are gathered; the snapshot says behind which place of the spool they stand
/// and holds them: it is the commit. They are appended behind it, and a start completes what the last run has begun. So
/// each line in the spool is committed. Without checkpoints lines are appended as they come, and are on the disk
/// whenever input pauses.
class SpoolSink : public Sink {
 public:
  enum class Commit { epochs, blocks };
  SpoolSink(std::string folder, state::SpoolLimits limits, Commit commit);

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

  std::string folder_;
  state::SpoolLimits limits_;
  Commit commit_;
  FieldSet fields_;
  std::optional<state::LockFile> lock_;
  std::optional<state::Spool> spool_;
  std::string pending_;  ///< lines, each with its line break
  state::SpoolPlace plan_place_;
  std::string plan_;  ///< the lines of the epoch that is committed
  bool full_ = false;
};

}  // namespace weir
