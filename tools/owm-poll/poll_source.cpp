#include "poll_source.hpp"

#include <fmt/format.h>

#include <chrono>
#include <exception>
#include <utility>

namespace weir::owm_poll {
namespace {

constexpr std::size_t block = 64 * 1024;
constexpr WaitLimit full_interval{100};

Moment now() {
  return {std::chrono::steady_clock::now().time_since_epoch(),
          std::chrono::floor<Duration>(std::chrono::system_clock::now())};
}

}  // namespace

void PollSource::advance() {
  do {
    done_.clear();
    client_.perform(done_);
    for (const auto& [id, response] : done_) poller_.answered(id, response, now());
    calls_.clear();
    poller_.advance(now(), calls_);
    for (Poller::Call& call : calls_) client_.start(call.id, std::move(call.request));
  } while (!calls_.empty());
  if (!poller_.looking_up()) save_cache();
}

Source::Step PollSource::next(Output& out) {
  if (spool_) return next_stored(out);
  advance();
  const std::size_t before = out.lines.size();
  poller_.take(out.lines);
  if (out.lines.size() > before) {
    written_ = !sent_file_.wanted();
    return Step::more;
  }
  // What was sent is noted when it has been written, that is in wait().
  return poller_.finished() && written_ ? Step::end : Step::idle;
}

Source::Step PollSource::next_stored(Output& out) {
  if (!std::exchange(restored_, true)) {
    spool_->begin();
    poller_.remember(spool_->sent());
  }
  if (!spool_->full()) {
    advance();
    store();
  } else if (!std::exchange(full_said_, true)) {
    voice_.info("the spool is full: nobody is asked until the sink has committed some of it (--spool-limit)");
  }
  if (spool_->read(out, block)) return Step::more;
  return poller_.finished() ? Step::end : Step::idle;
}

void PollSource::store() {
  poller_.take(stored_, marks_);
  if (!marks_.empty()) spool_->store(stored_, marks_);
  stored_.clear();
  marks_.clear();
}

void PollSource::restore(SnapshotReader& from) {
  restored_ = true;
  spool_->restore(from);
  poller_.remember(spool_->sent());
}

void PollSource::wait(std::span<pollfd> also, WaitLimit limit) {
  if (!written_) save_sent();
  if (const auto wake = poller_.wake(now())) {
    const auto until = std::chrono::ceil<WaitLimit>(*wake);
    if (limit < WaitLimit::zero() || until < limit) limit = until;
  }
  // What the sink commits does not wake us.
  if (spool_ && spool_->full() && (limit < WaitLimit::zero() || limit > full_interval)) limit = full_interval;
  client_.wait(also, limit);
}

void PollSource::close(Output& out) {
  save_cache();
  if (!spool_) return poller_.take(out.lines);
  store();
  while (spool_->read(out, block)) {
  }
}

/// Without the cache the next run looks names up again: worth a word, no reason to stop.
void PollSource::save_cache() {
  try {
    cache_.save();
  } catch (const std::exception& problem) {
    keeping_failed_ = true;
    voice_.error(fmt::format("the places looked up are not kept: {}", problem.what()));
  }
}

void PollSource::save_sent() {
  written_ = true;
  try {
    sent_file_.save(poller_.sent());
  } catch (const std::exception& problem) {
    keeping_failed_ = true;
    voice_.error(fmt::format("what was sent is not noted, and will be sent again: {}", problem.what()));
  }
}

}  // namespace weir::owm_poll
