#include "pipeline/sink_answer.hpp"

#include <algorithm>
#include <array>

#include "cli/errors.hpp"
#include "pipeline/stop_limit.hpp"

namespace weir {

std::optional<std::uint64_t> SinkAnswer::epoch() {
  const state::RunFolder::Resume resume = folder_.resume(run_);
  if (resume.epoch) return resume.epoch;
  if (!resume.heard && std::chrono::steady_clock::now() >= deadline_)
    throw cli::UsageError("no sink of this pipeline keeps state: a pipeline with --state ends in one that does");
  pause_ = std::min(pause_ * 2, WaitLimit(20));
  return std::nullopt;
}

void await_last_commit(int output, const std::function<bool()>& is_committed) {
  const auto deadline = last_commit_deadline();
  for (bool reader_gone = false;;) {
    if (is_committed() || reader_gone || std::chrono::steady_clock::now() >= deadline) return;
    std::array<pollfd, 1> reader{{{output, 0, 0}}};
    wait_for(reader, WaitLimit(5));
    reader_gone = (reader[0].revents & (POLLERR | POLLNVAL)) != 0;
  }
}

}  // namespace weir
