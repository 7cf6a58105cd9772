#include "poll_source.hpp"

#include <fmt/format.h>

#include <chrono>
#include <exception>

namespace weir::poll {
namespace {

Moment now() {
  return {std::chrono::steady_clock::now().time_since_epoch(),
          std::chrono::floor<Duration>(std::chrono::system_clock::now())};
}

}  // namespace

Source::Step PollSource::next(Output& out) {
  do {
    done_.clear();
    client_.perform(done_);
    for (const auto& [id, response] : done_) poller_.answered(id, response, now());
    calls_.clear();
    poller_.advance(now(), calls_);
    for (Poller::Call& call : calls_) client_.start(call.id, std::move(call.request));
  } while (!calls_.empty());
  if (!poller_.looking_up()) save_cache();
  const std::size_t before = out.lines.size();
  poller_.take(out.lines);
  if (out.lines.size() > before) {
    written_ = !sent_file_.wanted();
    return Step::more;
  }
  // What was sent is noted when it has been written, that is in wait().
  return poller_.finished() && written_ ? Step::end : Step::idle;
}

void PollSource::wait(std::span<pollfd> also, WaitLimit limit) {
  if (!written_) save_sent();
  if (const auto wake = poller_.wake(now())) {
    const auto until = std::chrono::ceil<WaitLimit>(*wake);
    if (limit < WaitLimit::zero() || until < limit) limit = until;
  }
  client_.wait(also, limit);
}

void PollSource::close(Output& out) {
  save_cache();
  poller_.take(out.lines);
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

}  // namespace weir::poll
