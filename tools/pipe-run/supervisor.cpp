#include "supervisor.hpp"

#include <fmt/format.h>
#include <poll.h>
#include <signal.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <random>
#include <system_error>
#include <utility>

#include "cli/signals.hpp"
#include "process/spawn.hpp"

namespace weir::pipe_run {
namespace {

using std::chrono::milliseconds;
constexpr auto tick = milliseconds(250);

bool is_failure(int status) { return !WIFEXITED(status) || WEXITSTATUS(status) != 0; }

}  // namespace

Supervisor::Supervisor(SupervisorSettings settings, SupervisorEvents events)
    : settings_(std::move(settings)),
      events_(std::move(events)),
      back_off_(settings_.first_pause, settings_.longest_pause, std::random_device()()) {}

Supervisor::~Supervisor() {
  signal_all(SIGKILL);
  for (Child& child : children_) {
    while (!child.ended && ::waitpid(child.pid, &child.status, 0) < 0 && errno == EINTR) {
    }
    if (child.descriptor >= 0) ::close(child.descriptor);
  }
}

cli::Exit Supervisor::run() {
  for (;;) {
    const auto began = clock::now();
    switch (run_once()) {
      case RunEnd::done:
      case RunEnd::stopped:
        return cli::Exit::done;
      case RunEnd::usage:
        return cli::Exit::usage;
      case RunEnd::state:
        return cli::Exit::state;
      case RunEnd::failed:
        break;
    }
    if (cli::stop_requested()) return cli::Exit::failed;
    if (settings_.max_restarts && restarts_ >= *settings_.max_restarts) {
      events_.warn(fmt::format("giving up after {} restarts", restarts_));
      return cli::Exit::failed;
    }
    if (clock::now() - began >= settings_.steady) back_off_.reset();
    const Duration length = back_off_.next();
    events_.warn(fmt::format("starting all {} stages again in {:.1f} s", settings_.stages.size(),
                             std::chrono::duration<double>(length).count()));
    if (!pause(length)) return cli::Exit::failed;
    ++restarts_;
  }
}

/// Waits; returns false on a stop request.
bool Supervisor::pause(Duration length) {
  const auto end = clock::now() + length;
  while (!cli::stop_requested()) {
    const auto left = std::chrono::ceil<milliseconds>(end - clock::now());
    if (left <= milliseconds::zero()) return true;
    pollfd stop{cli::stop_descriptor(), POLLIN, 0};
    ::poll(&stop, 1, static_cast<int>(std::min(left, tick).count()));
    events_.tick(restarts_);
  }
  return false;
}

void Supervisor::start() {
  children_.clear();
  state::Descriptor input(-1);
  for (std::size_t i = 0; i < settings_.stages.size(); ++i) {
    const bool last = i + 1 == settings_.stages.size();
    std::optional<process::Pipe> pipe;
    if (!last) pipe.emplace();
    const pid_t pid = process::spawn(settings_.stages[i].arguments, input.get(), last ? -1 : pipe->write.get());
    input.reset(last ? -1 : pipe->read.release());
    Child& child = children_.emplace_back();
    child.pid = pid;
    child.descriptor = static_cast<int>(::syscall(SYS_pidfd_open, pid, 0));  // glibc has no name for it before 2.36
    if (child.descriptor < 0) throw std::system_error(errno, std::generic_category(), "pidfd_open");
  }
}

void Supervisor::reap(Child& child) {
  if (child.ended || ::waitpid(child.pid, &child.status, WNOHANG) != child.pid) return;
  child.ended = true;
  ::close(std::exchange(child.descriptor, -1));
}

void Supervisor::signal_all(int signal) {
  for (const Child& child : children_)
    if (!child.ended) ::kill(-child.pid, signal);
}

/// Waits until a stage ends, a stop request comes, or the limit has passed.
void Supervisor::wait(milliseconds limit) {
  std::vector<pollfd> descriptors;
  if (!cli::stop_requested()) descriptors.push_back({cli::stop_descriptor(), POLLIN, 0});
  for (const Child& child : children_)
    if (!child.ended) descriptors.push_back({child.descriptor, POLLIN, 0});
  ::poll(descriptors.data(), descriptors.size(), static_cast<int>(limit.count()));
  for (Child& child : children_) reap(child);
}

RunEnd Supervisor::run_once() {
  enum class Asked : std::uint8_t { nothing, source, all, killed };
  start();
  Asked asked = Asked::nothing;
  bool ending = false;
  clock::time_point deadline = clock::time_point::max();
  std::vector<bool> told(children_.size());
  while (std::any_of(children_.begin(), children_.end(), [](const Child& child) { return !child.ended; })) {
    wait(tick);
    events_.tick(restarts_);
    for (std::size_t i = 0; i < children_.size(); ++i) {
      if (!children_[i].ended || told[i]) continue;
      told[i] = true;
      if (is_failure(children_[i].status))
        events_.warn(fmt::format("{} (stage {}) ended: {}", settings_.stages[i].arguments[0], i + 1,
                                 process::describe_status(children_[i].status)));
      ending = ending || is_failure(children_[i].status);
    }
    if (cli::stop_requested() && asked == Asked::nothing) {
      asked = Asked::source;
      if (!children_.front().ended) ::kill(-children_.front().pid, SIGTERM);
      deadline = clock::now() + settings_.end_limit;
    }
    if (ending && deadline == clock::time_point::max()) deadline = clock::now() + settings_.end_limit;
    if (clock::now() < deadline) continue;
    asked = asked == Asked::all || asked == Asked::killed ? Asked::killed : Asked::all;
    signal_all(asked == Asked::killed ? SIGKILL : SIGTERM);
    deadline = clock::now() + settings_.end_limit;
  }
  return outcome(asked != Asked::nothing && cli::stop_requested());
}

RunEnd Supervisor::outcome(bool stopped) const {
  RunEnd end = RunEnd::done;
  for (const Child& child : children_) {
    const int code = WIFEXITED(child.status) ? WEXITSTATUS(child.status) : -1;
    if (code == static_cast<int>(cli::Exit::state)) return RunEnd::state;
    if (code == static_cast<int>(cli::Exit::usage)) end = RunEnd::usage;
    const bool asked_to = stopped && WIFSIGNALED(child.status) && WTERMSIG(child.status) == SIGTERM;
    if (is_failure(child.status) && !asked_to && end == RunEnd::done) end = RunEnd::failed;
  }
  return end == RunEnd::done && stopped ? RunEnd::stopped : end;
}

}  // namespace weir::pipe_run
