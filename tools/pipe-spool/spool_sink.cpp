#include "spool_sink.hpp"

#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <stdexcept>
#include <system_error>
#include <utility>

#include "readers.hpp"
#include "record/control.hpp"
#include "state/epoch_file.hpp"

namespace weir::pipe_spool {
namespace {

/// How long another writer is waited for.
constexpr auto lock_limit = std::chrono::seconds(10);
/// How often a full spool asks how far its readers are.
constexpr WaitLimit look_again{50};
/// Without checkpoints: so many bytes are appended at once.
constexpr std::size_t block = 256 * 1024;

/// Takes the first line off, without its line break.
std::string_view take_line(std::string_view& lines) {
  const std::string_view line = lines.substr(0, lines.find('\n'));
  lines.remove_prefix(line.size() + 1);
  return line;
}

}  // namespace

SpoolSink::SpoolSink(Settings settings) : folder_(std::move(settings.folder)) {
  if (folder_.empty()) throw std::invalid_argument("DIR is missing: the spool's folder");
  // Segments are small enough that something can be removed before the spool is full.
  limits_ = {.segment = std::min(state::SpoolLimits().segment, settings.limit / 8), .total = settings.limit};
}

void SpoolSink::start(SinkHost& host) {
  host_ = &host;
  if (::mkdir(folder_.c_str(), 0700) != 0 && errno != EEXIST)
    throw std::system_error(errno, std::generic_category(), folder_);
  lock_ = state::LockFile::take(folder_ + "/lock", lock_limit);
  if (!lock_) throw std::runtime_error("another process writes to " + folder_);
  spool_.emplace(folder_, limits_);
  forget();
}

Verdict SpoolSink::on_record(const Record& record) {
  if (record.line().find('\0') != std::string_view::npos) return Verdict::reject("the line holds a NUL");
  add(record.line());
  return Verdict::ok();
}

void SpoolSink::on_watermark(Time time) {
  const std::size_t before = pending_.size();
  append_watermark(pending_, time);
  staged_ += state::Spool::size_of(pending_.size() - before - 1);
}

void SpoolSink::add(std::string_view line) {
  pending_ += line;
  pending_ += '\n';
  staged_ += state::Spool::size_of(line.size());
}

bool SpoolSink::ready() {
  if (!gathers() && pending_.size() >= block) append_pending();
  if (!has_room()) forget();
  full_ = !has_room();
  return !full_;
}

bool SpoolSink::has_room() {
  if (held_ + staged_ < limits_.total) return true;
  if (held_ > 0 || !gathers()) return false;
  if (!std::exchange(warned_, true))
    host_->log().warn(
        "an epoch is larger than --spool-limit and goes beyond it; with --checkpoint-records at the source it is not");
  return true;
}

void SpoolSink::on_pause(InputFlow) {
  if (!gathers()) append_pending();
}

void SpoolSink::wait(std::span<pollfd> also, WaitLimit limit) {
  if (full_ && (limit == no_limit || limit > look_again)) limit = look_again;
  wait_for(also, limit);
}

bool SpoolSink::finish() {
  append_pending();
  return true;
}

void SpoolSink::append_pending() {
  if (pending_.empty()) return;
  for (std::string_view rest = pending_; !rest.empty();) spool_->append(take_line(rest));
  spool_->sync();
  pending_.clear();
  staged_ = 0;
  forget();
}

void SpoolSink::seal() {
  position_ = spool_->end();
  outbox_ = std::exchange(pending_, {});
  staged_ = 0;
}

bool SpoolSink::carry_out(std::uint64_t) {
  append_outbox();
  forget();
  return true;
}

/// Appends those lines of the outbox that are not in the spool yet.
void SpoolSink::append_outbox() {
  std::string_view rest = outbox_;
  if (spool_->end() != position_) {
    spool_->seek(position_);
    while (const auto there = spool_->next()) {
      if (rest.empty() || take_line(rest) != *there)
        throw state::Unusable(folder_ + " was written to by another run: with --state it is this stage's alone");
    }
  }
  for (; !rest.empty();) spool_->append(take_line(rest));
  spool_->sync();
  outbox_.clear();
  position_ = spool_->end();
}

/// Removes what no reader needs any more.
void SpoolSink::forget() {
  const state::LockFile lock = lock_readers(folder_);
  if (const auto least = least_of_readers(folder_)) spool_->forget(std::min(*least, spool_->end()));
  held_ = spool_->held();
}

}  // namespace weir::pipe_spool
