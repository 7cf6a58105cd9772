// The pipeline's key: a hash with the run that may commit and the last epoch that was.
#pragma once
#include <cstdint>
#include <string>

#include "session.hpp"

namespace weir::redis_load {

/// Set in the transaction of the epoch's commands, and watched: EXEC does nothing once another run has set it.
class EpochKey {
 public:
  EpochKey(Session& session, std::string given) : session_(session), key_(std::move(given)) {}

  /// The key, after fence().
  const std::string& name() const { return key_; }

  /// Makes this the run that may commit, and returns the last epoch committed, 0 for none. Throws as Session::call().
  std::uint64_t fence(const std::string& pipe, const std::string& run);

  /// Appends the commands that watch the key and read it: two replies.
  void append_look(std::string& out) const;
  /// Whether the epoch is already committed, from the reply of the second. Throws std::runtime_error when another run
  /// has taken over, or the server has lost epochs.
  bool is_committed(const redis::Reply& reply, std::uint64_t epoch) const;
  /// Appends the command that sets the epoch: one reply.
  void append_set(std::string& out, std::uint64_t epoch) const;

 private:
  Session& session_;
  std::string key_;
  std::string pipe_;
  std::string run_;
};

}  // namespace weir::redis_load
