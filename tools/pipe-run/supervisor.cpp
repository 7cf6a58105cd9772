#include "supervisor.hpp"

#include <fmt/format.h>
#include <poll.h>
#include <signal.h>
#include <sys/epoll.h>
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
#include "state/stage_folder.hpp"

namespace weir::pipe_run {
namespace {

using std::chrono::milliseconds;
constexpr auto tick = milliseconds(250);

constexpr std::uint64_t stop_event = UINT64_MAX;

bool left_records_out(int status) {
  return WIFEXITED(status) && WEXITSTATUS(status) == static_cast<int>(cli::Exit::left_out);
}

bool is_failure(int status) { return !WIFEXITED(status) || (WEXITSTATUS(status) != 0 && !left_records_out(status)); }

/// Whether it ended because another stage is gone: weir's stages and other programs alike.
bool is_bystander(int status) { return WIFSIGNALED(status) && WTERMSIG(status) == SIGPIPE; }

/// Whether starting again does not help.
bool is_final(int status) {
  return WIFEXITED(status) && (WEXITSTATUS(status) == static_cast<int>(cli::Exit::usage) ||
                               WEXITSTATUS(status) == static_cast<int>(cli::Exit::state));
}

}  // namespace

Supervisor::Supervisor(SupervisorSettings settings, SupervisorEvents events)
    : settings_(std::move(settings)),
      events_(std::move(events)),
      back_off_(settings_.first_pause, settings_.longest_pause, std::random_device()()) {
  progress_.stages.resize(settings_.stages.size());
}

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
    const std::string before = last_resumed();
    const RunResult result = run_once();
    switch (result.end) {
      case RunEnd::done:
      case RunEnd::stopped:
        return cli::Exit::done;
      case RunEnd::left_out:
        return cli::Exit::failed;
      case RunEnd::usage:
        return cli::Exit::usage;
      case RunEnd::state:
        return cli::Exit::state;
      case RunEnd::failed:
        ++progress_.stages[*result.culprit].failures;
        break;
    }
    if (cli::stop_requested()) return cli::Exit::failed;
    if (!settings_.state.empty()) look_for_culprit(result, clock::now() - began, last_resumed() != before);
    if (!search_.moved() && settings_.max_restarts && progress_.restarts >= *settings_.max_restarts) {
      events_.warn(fmt::format("giving up after {} restart{}", progress_.restarts, progress_.restarts == 1 ? "" : "s"));
      return cli::Exit::failed;
    }
    if (search_.moved() || clock::now() - began >= settings_.steady) back_off_.reset();
    const Duration length = back_off_.next();
    events_.warn(fmt::format("starting all {} stages again in {:.1f} s{}", settings_.stages.size(),
                             std::chrono::duration<double>(length).count(), how_it_replays()));
    if (!pause(length)) return cli::Exit::failed;
    if (!search_.moved()) ++progress_.restarts;
  }
}

const Progress& Supervisor::progress() {
  for (std::size_t i = 0; i < progress_.stages.size(); ++i)
    progress_.stages[i].runs = i < children_.size() && !children_[i].ended;
  return progress_;
}

std::string Supervisor::last_resumed() const {
  return settings_.state.empty() ? "" : state::RunFolder(settings_.state).last_resumed();
}

/// Decides how the source of the next run replays, and tells it by a variable.
void Supervisor::look_for_culprit(const RunResult& result, clock::duration lasted, bool answered) {
  const int status = children_[*result.culprit].status;
  const bool was_searching = isolation_.has_value();
  isolation_ =
      search_.after({.committed = state::RunFolder(settings_.state).committed(),
                     .answered = answered,
                     .killed = WIFSIGNALED(status) && (WTERMSIG(status) == SIGKILL || WTERMSIG(status) == SIGTERM),
                     .lasted = std::chrono::duration_cast<Duration>(lasted),
                     .reason = how_ended(*result.culprit)});
  if (isolation_) {
    if (!was_searching)
      events_.warn(fmt::format("it fails again and again after epoch {}: looking for the record that causes it",
                               isolation_->epoch));
    ::setenv(state::isolation_variable, state::to_text(*isolation_).c_str(), 1);
  } else {
    if (was_searching) events_.warn("no single record causes it: the search has ended");
    ::unsetenv(state::isolation_variable);
  }
}

/// The part of a message that tells what the next run replays.
std::string Supervisor::how_it_replays() const {
  if (settings_.state.empty()) return {};
  if (!isolation_)
    return fmt::format("; what came after epoch {} is replayed", state::RunFolder(settings_.state).committed());
  if (isolation_->set_aside > 0)
    return fmt::format("; without the first {}after epoch {}",
                       isolation_->set_aside == 1 ? "record " : fmt::format("{} records ", isolation_->set_aside),
                       isolation_->epoch);
  return fmt::format("; from epoch {} in epochs of {} record{}", isolation_->epoch, isolation_->lines,
                     isolation_->lines == 1 ? "" : "s");
}

/// Waits; returns false on a stop request.
bool Supervisor::pause(Duration length) {
  const auto end = clock::now() + length;
  while (!cli::stop_requested()) {
    const auto left = std::chrono::ceil<milliseconds>(end - clock::now());
    if (left <= milliseconds::zero()) return true;
    pollfd stop{cli::stop_descriptor(), POLLIN, 0};
    ::poll(&stop, 1, static_cast<int>(std::min(left, tick).count()));
    events_.tick(progress());
  }
  return false;
}

std::string Supervisor::name_of(std::size_t stage) const {
  return fmt::format("{} (stage {})", settings_.stages[stage].arguments[0], stage + 1);
}

std::string Supervisor::how_ended(std::size_t stage) const {
  return fmt::format("{} ended: {}", name_of(stage), process::describe_status(children_[stage].status));
}

void Supervisor::start() {
  children_.clear();
  ended_.clear();
  events_of_children_.reset(::epoll_create1(EPOLL_CLOEXEC));
  if (events_of_children_.get() < 0) throw std::system_error(errno, std::generic_category(), "epoll_create1");
  watch(cli::stop_descriptor(), stop_event);
  state::Descriptor input(-1);
  for (std::size_t i = 0; i < settings_.stages.size(); ++i) {
    const bool last = i + 1 == settings_.stages.size();
    std::optional<process::Pipe> pipe;
    if (!last) pipe.emplace();
    const pid_t pid = process::spawn(settings_.stages[i].arguments, input.get(), last ? -1 : pipe->write.get(),
                                     {.bond = process::Bond::to_parent});
    input.reset(last ? -1 : pipe->read.release());
    Child& child = children_.emplace_back();
    child.pid = pid;
    child.descriptor = static_cast<int>(::syscall(SYS_pidfd_open, pid, 0));  // glibc has no name for it before 2.36
    if (child.descriptor < 0) throw std::system_error(errno, std::generic_category(), "pidfd_open");
    watch(child.descriptor, i);
  }
}

void Supervisor::watch(int descriptor, std::uint64_t which) {
  epoll_event event{};
  event.events = EPOLLIN;
  event.data.u64 = which;
  if (::epoll_ctl(events_of_children_.get(), EPOLL_CTL_ADD, descriptor, &event) != 0)
    throw std::system_error(errno, std::generic_category(), "epoll_ctl");
}

void Supervisor::reap(std::size_t stage) {
  Child& child = children_[stage];
  if (child.ended || ::waitpid(child.pid, &child.status, WNOHANG) != child.pid) return;
  child.ended = true;
  ended_.push_back(stage);
  ::close(std::exchange(child.descriptor, -1));  // which removes it from those watched
}

void Supervisor::signal_all(int signal) {
  for (const Child& child : children_)
    if (!child.ended) ::kill(-child.pid, signal);
}

/// Waits until a stage ends, a stop request comes, or the limit has passed. Stages that end while this process does not
/// run are told in the order in which they ended.
void Supervisor::wait(milliseconds limit) {
  std::vector<epoll_event> events(children_.size() + 1);
  const int count = ::epoll_wait(events_of_children_.get(), events.data(), static_cast<int>(events.size()),
                                 static_cast<int>(limit.count()));
  for (int i = 0; i < count; ++i) {
    const std::uint64_t which = events[static_cast<std::size_t>(i)].data.u64;
    if (which == stop_event) {
      ::epoll_ctl(events_of_children_.get(), EPOLL_CTL_DEL, cli::stop_descriptor(), nullptr);
    } else {
      reap(which);
    }
  }
}

/// Reports the stage that failed first, and those whose failure starting again cannot mend. The others ended because of
/// the first. `signalled`: stages have been sent signals.
void Supervisor::report_ends(RunResult& result, bool signalled) {
  for (const std::size_t stage : std::exchange(ended_, {})) {
    const int status = children_[stage].status;
    if (!is_failure(status)) continue;
    result.failed = true;
    if (is_bystander(status)) continue;
    if (signalled && WIFSIGNALED(status)) {
      if (!cli::stop_requested() || WTERMSIG(status) == SIGKILL)
        events_.warn(fmt::format("{} did not end by itself: {}", name_of(stage), process::describe_status(status)));
    } else if (!result.culprit || is_final(status)) {
      events_.warn(how_ended(stage));
    }
    if (!result.culprit) result.culprit = stage;
  }
}

RunResult Supervisor::run_once() {
  enum class Asked : std::uint8_t { nothing, source, all, killed };
  RunResult result;
  start();
  Asked asked = Asked::nothing;
  clock::time_point deadline = clock::time_point::max();
  while (std::any_of(children_.begin(), children_.end(), [](const Child& child) { return !child.ended; })) {
    wait(tick);
    events_.tick(progress());
    report_ends(result, asked != Asked::nothing);
    if (cli::stop_requested() && asked == Asked::nothing) {
      asked = Asked::source;
      if (!children_.front().ended) ::kill(-children_.front().pid, SIGTERM);
      deadline = clock::now() + settings_.end_limit;
    }
    if (result.failed && deadline == clock::time_point::max()) deadline = clock::now() + settings_.end_limit;
    if (clock::now() < deadline) continue;
    asked = asked == Asked::all || asked == Asked::killed ? Asked::killed : Asked::all;
    signal_all(asked == Asked::killed ? SIGKILL : SIGTERM);
    deadline = clock::now() + settings_.end_limit;
  }
  result.end = outcome(asked != Asked::nothing && cli::stop_requested());
  if (result.end == RunEnd::failed && !result.culprit) {  // no reader is gone, and yet a stage ended by SIGPIPE
    for (std::size_t i = 0; i < children_.size() && !result.culprit; ++i)
      if (is_failure(children_[i].status)) result.culprit = i;
    events_.warn(how_ended(*result.culprit));
  }
  return result;
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
  if (end != RunEnd::done) return end;
  if (std::any_of(children_.begin(), children_.end(),
                  [](const Child& child) { return left_records_out(child.status); }))
    return RunEnd::left_out;
  return stopped ? RunEnd::stopped : RunEnd::done;
}

}  // namespace weir::pipe_run
