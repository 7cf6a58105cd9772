#include "redis_load.hpp"

#include <fmt/format.h>

namespace weir::redis_load {
namespace {

/// How much is encoded before the batch under way is looked after again.
constexpr std::size_t pump_bytes = 64 * 1024;

}  // namespace

RedisLoad::RedisLoad(Settings settings) : settings_(std::move(settings)), commands_(settings_.commands, fields_) {
  commands_.reserve(settings_.epoch_key);
}

void RedisLoad::start(SinkHost& host) {
  host_ = &host;
  keeps_lines_ = host.keeps_rejects();
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
  if (keeps_lines_) {
    Entry& entry = batch_.entries.back();
    entry.raw = batch_.raw.size();
    entry.raw_size = record.line().size();
    batch_.raw += record.line();
  }
  const std::size_t bytes = batch_.bytes();
  if (bytes >= pumped_at_ + pump_bytes) {
    pumped_at_ = bytes;
    server_->loader.pump();
  }
  if (!has_epochs() && is_full() && !server_->loader.busy()) dispatch();
  return verdict;
}

bool RedisLoad::ready() {
  if (has_epochs() || !is_full()) return true;
  server_->loader.pump();
  if (!server_->loader.busy()) dispatch();
  return !is_full();
}

void RedisLoad::on_pause(InputFlow flow) {
  server_->loader.pump();
  if (!has_epochs() && flow == InputFlow::paused && !server_->loader.busy()) dispatch();
}

void RedisLoad::wait(std::span<pollfd> also, WaitLimit limit) {
  pollfd server = server_->loader.busy() ? server_->loader.descriptor() : pollfd{-1, 0, 0};
  wait_for({&server, 1}, also, limit);
  if (server.revents == 0) return;
  server_->loader.pump();
  if (!has_epochs() && !server_->loader.busy()) dispatch();
}

void RedisLoad::dispatch() {
  if (batch_.entries.empty() && batch_.epoch == 0) return;
  pumped_at_ = 0;
  server_->loader.begin(std::exchange(batch_, {}));
}

bool RedisLoad::finish() {
  server_->loader.settle();
  dispatch();
  server_->loader.settle();
  return true;
}

std::uint64_t RedisLoad::fence(const PipelineRun& run) {
  begun_epoch_ = server_->epoch_key.fence(run.pipe, run.run);
  server_->loader.await_replicas();
  return begun_epoch_;
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

bool RedisLoad::commit(std::uint64_t epoch) {
  if (begun_epoch_ != epoch) {
    begun_epoch_ = epoch;
    batch_.epoch = epoch;
    dispatch();
  }
  server_->loader.pump();
  return !server_->loader.busy();
}

std::string RedisLoad::summary() const {
  return settings_.report_total && server_ ? fmt::format("{} records stored", server_->loader.loaded()) : std::string();
}

}  // namespace weir::redis_load
