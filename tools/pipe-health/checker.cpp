#include "checker.hpp"

#include <fmt/format.h>

#include "process/threads.hpp"

namespace weir::pipe_health {
namespace {

/// How much longer than its limit a check may take to notice it, for example while a name is looked up.
constexpr auto grace = std::chrono::seconds(2);

}  // namespace

struct Checker::Shared {
  mutable std::mutex mutex;
  mutable std::condition_variable changed;
  std::vector<State> states;
  std::chrono::nanoseconds limit{};
  std::chrono::nanoseconds every{};
  Often often = Often::once;
  std::size_t asking = 0;
  bool stopping = false;
};

Checker::Checker(Checks checks, std::chrono::nanoseconds limit, std::chrono::nanoseconds every, Often often)
    : shared_(std::make_shared<Shared>()) {
  shared_->limit = limit;
  shared_->every = every;
  shared_->often = often;
  shared_->asking = checks.size();
  for (const auto& [target, probe] : checks) shared_->states.push_back({target});
  for (std::size_t i = 0; i < checks.size(); ++i)
    threads_.push_back(
        process::start_thread([shared = shared_, i, probe = std::move(checks[i].second)] { run(shared, i, probe); }));
}

bool Checker::stop() {
  std::unique_lock lock(shared_->mutex);
  shared_->stopping = true;
  shared_->changed.notify_all();
  const bool all_done =
      shared_->changed.wait_for(lock, std::chrono::milliseconds(500), [&] { return shared_->asking == 0; });
  lock.unlock();
  // A thread that is done has still to free what libraries keep for it.
  for (std::thread& thread : threads_) all_done ? thread.join() : thread.detach();
  threads_.clear();
  return all_done;
}

void Checker::run(const std::shared_ptr<Shared>& shared, std::size_t index, Probe probe) {
  const Target target = shared->states[index].target;
  std::unique_lock lock(shared->mutex);
  while (!shared->stopping) {
    lock.unlock();
    Result result = ask(target, probe, shared->limit);
    lock.lock();
    State& state = shared->states[index];
    const auto now = std::chrono::system_clock::now();
    if (!state.result || state.result->healthy != result.healthy) state.since = now;
    state.at = now;
    ++state.runs;
    if (!result.healthy) ++state.failures;
    state.result = std::move(result);
    shared->changed.notify_all();
    if (shared->often == Often::once) break;
    shared->changed.wait_for(lock, shared->every, [&] { return shared->stopping; });
  }
  --shared->asking;
  shared->changed.notify_all();
}

bool Checker::wait_for_all() const {
  std::unique_lock lock(shared_->mutex);
  return shared_->changed.wait_for(lock, shared_->limit + grace, [&] {
    for (const State& each : shared_->states)
      if (!each.result) return false;
    return true;
  });
}

std::vector<State> Checker::states() const {
  const std::lock_guard lock(shared_->mutex);
  std::vector<State> states = shared_->states;
  const auto now = std::chrono::system_clock::now();
  for (State& each : states) {
    const auto due = shared_->limit + grace + (each.result ? shared_->every : std::chrono::nanoseconds(0));
    const bool late = each.result && shared_->often == Often::again && now - each.at > due;
    if (!late) continue;
    each.result->healthy = false;
    each.result->problem = fmt::format("{}: no answer since {:.0f} s", each.target.place(),
                                       std::chrono::duration<double>(now - each.at).count());
  }
  return states;
}

}  // namespace weir::pipe_health
