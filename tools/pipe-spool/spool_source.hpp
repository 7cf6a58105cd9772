// pipe-spool that reads: the lines of a spool as a source's.
#pragma once
#include <deque>
#include <optional>
#include <string>

#include "pipeline/source.hpp"
#include "readers.hpp"
#include "state/spool_reader.hpp"

namespace weir::pipe_spool {

/// Reads what is in a spool, and with checkpoints notes there which part of it is committed downstream. Without, it
/// begins with the first line that is there and holds nothing back.
class SpoolSource : public Source {
 public:
  struct Settings {
    std::string folder;
    std::string name;
    bool follow = false;
  };
  explicit SpoolSource(Settings settings);

  Step next(Output& out) override;
  void wait(std::span<pollfd> also, WaitLimit limit) override;
  /// Records have times of their own: the present is the writer's to promise.
  std::optional<Time> promise(Time) const override { return std::nullopt; }
  void open_state(const std::string& folder) override;
  void snapshot(SnapshotWriter& to) override;
  void restore(SnapshotReader& from) override;
  std::string place() const override;
  void committed(std::uint64_t snapshots) override;
  bool wants_last_commit() const override { return true; }

 private:
  bool begin();

  Settings settings_;
  state::SpoolReader reader_;
  std::optional<ReaderEntry> entry_;
  bool entered_ = false;
  bool begun_ = false;
  std::deque<state::SpoolPlace> snapshots_;  ///< not committed
};

}  // namespace weir::pipe_spool
