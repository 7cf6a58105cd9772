// pipe-spool --read: the lines of a spool as a source's.
#pragma once
#include <optional>
#include <string>

#include "pipeline/source.hpp"
#include "readers.hpp"
#include "state/spool_reader.hpp"

namespace weir::pipe_spool {

/// Reads a spool from its first line. With checkpoints it notes in the spool's folder what its pipeline has committed,
/// and until then the spool keeps it. A position is nothing while there is no spool.
class SpoolSource : public Source<std::optional<state::SpoolPosition>> {
 public:
  struct Settings {
    std::string folder;
    std::string name;  ///< of the reader
    bool follow = false;
  };
  using Position = std::optional<state::SpoolPosition>;

  explicit SpoolSource(Settings settings);

  void start(SourceHost& host) override;
  void begin() override;
  Step next(Output& out) override;
  void wait(std::span<pollfd> also, WaitLimit limit) override;
  /// Records have times of their own: the present is the writer's to promise.
  std::optional<Time> promise(Time) const override { return std::nullopt; }
  Position position() override { return open_ ? Position(reader_.position()) : std::nullopt; }
  void restore(const Position& position) override;
  std::string position_text() const override;
  void committed(const Position& position) override;
  bool wants_last_commit() const override { return true; }

 private:
  bool open_spool();

  Settings settings_;
  state::SpoolReader reader_;
  std::optional<ReaderEntry> entry_;  ///< with checkpoints
  bool open_ = false;
};

}  // namespace weir::pipe_spool
