// The pipeline's row in the table weir_epoch: which run may commit, and the last epoch that was.
#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "server_session.hpp"
#include "time/time_types.hpp"

namespace weir::pg_load {

/// Set in the same transaction as the rows of the epoch, so it tells for sure what became of a commit.
class EpochRow {
 public:
  explicit EpochRow(ServerSession& session) : session_(session) {}

  /// Makes this the run that may commit, and returns the last epoch committed. Waits for a transaction of an earlier
  /// run that is about to commit. Throws as ServerSession::run().
  std::uint64_t fence(const std::string& pipe, const std::string& run);

  /// The watermark of the last epoch when fence() was called.
  std::optional<Time> watermark() const { return watermark_; }

  /// The statement that sets the epoch, and its watermark if any, and returns a row, if this run may do so and it is
  /// the next one.
  std::string statement(std::uint64_t epoch, const std::optional<Time>& watermark) const;
  /// Looks at how many rows that has returned. Throws std::runtime_error when another run has taken over.
  void expect_set(std::size_t rows);
  /// After a lost connection: whether the epoch was committed. Waits for the old session, which has locked the row.
  bool was_committed(std::uint64_t epoch);

 private:
  ServerSession& session_;
  std::string pipe_;
  std::string run_;
  std::optional<Time> watermark_;  ///< that fence() found
  bool has_watermark_ = false;     ///< the table has that column; one that an earlier version made does not
};

}  // namespace weir::pg_load
