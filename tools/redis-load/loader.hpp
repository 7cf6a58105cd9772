// The way of a batch to the server, one at a time.
#pragma once
#include <poll.h>

#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

#include "batch.hpp"
#include "commands.hpp"
#include "epoch_key.hpp"
#include "pipeline/sink_stage.hpp"
#include "session.hpp"

namespace weir::redis_load {

/// Applies batches in MULTI and EXEC. A batch of an epoch is applied once: the epoch's number is set with it, and read
/// after a lost connection. One without may be applied again when the connection is lost before EXEC's reply.
/// Records of one command that may be repeated need no transaction: they are sent as they are, and those from the first
/// one without a reply on are sent again.
class Loader {
 public:
  /// `repeatable`: a command that is carried out twice, in the same order, leaves what it leaves once.
  Loader(Session& session, EpochKey& epoch_key, Commands& commands, SinkHost& host, std::uint64_t replicas,
         bool repeatable)
      : session_(session),
        epoch_key_(epoch_key),
        commands_(commands),
        host_(host),
        replicas_(replicas),
        repeatable_(repeatable) {}

  /// Takes over a batch. Call only when not busy.
  void begin(Batch batch);
  bool busy() const { return phase_ != Phase::idle; }
  /// Moves the batch on without waiting for replies. Reconnects, which waits. Throws as Session, and
  /// std::runtime_error for errors of the server that only a person can help.
  void pump();
  /// Waits until the batch is done.
  void settle();
  pollfd descriptor() { return session_.connection().descriptor(); }
  /// Waits until so many replicas have all that was written.
  void await_replicas();

  std::uint64_t loaded() const { return loaded_; }

 private:
  enum class Phase : std::uint8_t {
    idle,
    check,     ///< keys have the types that their commands need
    look,      ///< this run may commit, and the epoch is the next one
    load,      ///< MULTI, commands, EXEC
    pipeline,  ///< commands alone
    replicate  ///< WAIT
  };
  void start(Phase phase);
  void restart();
  Phase loading_phase() const;
  void append_entries(std::size_t from);
  void check_wrong_keys();
  void on_reply(const redis::Reply& reply);
  void on_checked(const redis::Reply& reply);
  void finish_check();
  void on_loaded(const redis::Reply& exec);
  void on_stored(const redis::Reply& reply);
  void refuse(Entry& entry, const std::string& reason);
  void on_error(const redis::Reply& error);
  void finish();

  Session& session_;
  EpochKey& epoch_key_;
  Commands& commands_;
  SinkHost& host_;
  std::uint64_t replicas_;
  bool repeatable_;
  Batch batch_;
  std::size_t stored_ = 0;  ///< entries that are done, of a batch without a transaction
  Phase phase_ = Phase::idle;
  std::uint64_t due_ = 0;   ///< replies of the phase
  std::uint64_t came_ = 0;  ///< of them
  std::string out_;
  redis::Reply first_error_;                                  ///< for which the phase begins again
  std::unordered_map<std::uint64_t, std::string> wrong_;      ///< keys of the batch, with the reason
  std::unordered_map<std::uint64_t, KeyToCheck> wrong_keys_;  ///< of earlier batches too
  std::vector<Refusal> refused_;
  bool checked_ = false;
  bool waits_reported_ = false;
  std::uint64_t loaded_ = 0;
};

}  // namespace weir::redis_load
