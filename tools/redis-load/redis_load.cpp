#include "redis_load.hpp"

#include <fmt/format.h>

namespace weir::redis_load {

RedisLoad::RedisLoad(Settings settings) : settings_(std::move(settings)), commands_(settings_.commands, fields_) {
  commands_.reserve(settings_.epoch_key);
}

void RedisLoad::start(SinkHost& host) {
  BatchTransactionSink::start(host);
  server_.emplace(settings_, commands_, host);
  Session& session = server_->session;
  session.set_stop({host.stop_descriptors(), [&host] { host.check_stop(); }});
  if (has_epochs() && host.pipeline()->continues) session.expect_server();
  session.connect();
  if (commands_.uses_script()) commands_.set_script(session.call({"SCRIPT", "LOAD", stats_script}).text);
  if (!has_epochs()) return;
  commands_.check_keys();
  warn_of_loss();
}

/// A server that keeps nothing on a disk forgets epochs when it is restarted; then no run can go on.
void RedisLoad::warn_of_loss() {
  try {
    const redis::Reply reply = server_->session.connection().call({"INFO", "persistence"});
    if (reply.text.find("aof_enabled:0") != std::string::npos)
      host_->log().warn(
          "the server has no append-only file (appendonly no): restarted, it may have lost epochs, and the pipeline "
          "then cannot go on");
  } catch (const redis::ServerError&) {
    // A user without the right to ask.
  } catch (const redis::ConnectionLost& loss) {
    server_->session.report_loss(loss.what());
  }
}

Verdict RedisLoad::on_record(const Record& record) {
  Verdict verdict = commands_.append(record, batch_);
  if (verdict.rejected()) return verdict;
  keep_line(batch_.entries.back(), record);
  pump_at(batch_.bytes());
  if (is_full()) dispatch_if_idle();
  return verdict;
}

void RedisLoad::wait(std::span<pollfd> also, WaitLimit limit) {
  if (!wait_for_server(also, limit)) return;
  server_->loader.pump();
  dispatch_if_idle();
}

void RedisLoad::dispatch() {
  if (batch_.entries.empty() && batch_.epoch == 0) return;
  begin_batch();
}

std::uint64_t RedisLoad::fence(const PipelineRun& run) {
  const std::uint64_t epoch = server_->epoch_key.fence(run.pipe, run.run);
  server_->loader.await_replicas();
  return epoch;
}

std::optional<RedisLoad::Rebuild> RedisLoad::rebuild() {
  if (adding_option(settings_.commands)) return std::nullopt;
  return Rebuild{};
}

std::string RedisLoad::instead_of_rebuild() const {
  return fmt::format(
      "{} would add again what is there: remove what the pipeline has written and its key {}, and start over",
      adding_option(settings_.commands).value_or(""), server_->epoch_key.name());
}

std::string RedisLoad::summary() const {
  return settings_.report_total && server_ ? fmt::format("{} records stored", server_->loader.loaded()) : std::string();
}

}  // namespace weir::redis_load
