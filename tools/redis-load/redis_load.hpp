// The sink of redis-load: records become commands, commands batches, which are applied one at a time.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "batch.hpp"
#include "command_list.hpp"
#include "commands.hpp"
#include "epoch_key.hpp"
#include "loader.hpp"
#include "pipeline/batch_sink.hpp"
#include "session.hpp"

namespace weir::redis_load {

/// Stores records in Redis. With checkpoints an epoch is a transaction. Without them a batch is one, or goes as plain
/// commands (Loader).
class RedisLoad : public BatchTransactionSink<Batch, Loader> {
 public:
  struct Settings {
    std::vector<CommandSpec> commands;
    Session::Settings server;
    std::string epoch_key;         ///< with checkpoints; empty: one by the pipeline's name
    std::uint64_t replicas = 0;    ///< that must have an epoch before it counts as committed
    std::uint64_t batch = 10'000;  ///< most records sent together
    std::uint64_t batch_bytes = 4 << 20;
    bool report_total = false;  ///< report the number of records at the end
  };

  /// Throws std::invalid_argument, naming the option.
  explicit RedisLoad(Settings settings);

  std::vector<NamedField> named_fields() const override { return commands_.named_fields(); }
  void start(SinkHost& host) override;
  Verdict on_record(const Record& record) override;
  void wait(std::span<pollfd> also, WaitLimit limit) override;
  std::string summary() const override;

  std::uint64_t fence(const PipelineRun& run) override;
  /// Values that are set come out the same when all records come again, in the same order.
  std::optional<Rebuild> rebuild() override;
  std::string instead_of_rebuild() const override;
  std::uint64_t held_bytes() const override { return batch_.bytes(); }

 private:
  bool is_full() const override {
    return batch_.entries.size() >= settings_.batch || batch_.bytes() >= settings_.batch_bytes;
  }
  void warn_of_loss();
  Loader& loader() override { return server_->loader; }
  void dispatch() override;

  /// The way to the server.
  struct Server {
    Server(const Settings& settings, Commands& commands, SinkHost& host)
        : session(settings.server, host.log()),
          epoch_key(session, settings.epoch_key),
          loader(session, epoch_key, commands, host, settings.replicas, !adding_option(settings.commands)) {}
    Session session;
    EpochKey epoch_key;
    Loader loader;
  };

  Settings settings_;
  Commands commands_;
  std::optional<Server> server_;
};

}  // namespace weir::redis_load
