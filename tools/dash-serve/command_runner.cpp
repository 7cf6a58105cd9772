#include <fcntl.h>
#include <fmt/format.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstring>
#include <stdexcept>

#include "process/spawn.hpp"
#include "process/threads.hpp"
#include "state/descriptor.hpp"
#include "subscriptions.hpp"

namespace weir::dash_serve {
namespace {

/// The time limits of a command: during the run, and at its end.
constexpr auto time_limit = std::chrono::seconds(120);
constexpr auto time_limit_at_end = std::chrono::seconds(5);

/// A file in memory with these bytes, positioned at its beginning.
int file_of(std::string_view bytes) {
  const int fd = ::memfd_create("records", MFD_CLOEXEC);
  if (fd < 0) return -1;
  while (!bytes.empty()) {
    const ssize_t n = ::write(fd, bytes.data(), bytes.size());
    if (n <= 0) break;
    bytes.remove_prefix(static_cast<std::size_t>(n));
  }
  ::lseek(fd, 0, SEEK_SET);
  return fd;
}

}  // namespace

std::string fill_in(std::string_view text, const web::Fields& values) {
  std::string out;
  while (!text.empty()) {
    if (text.starts_with("{{") || text.starts_with("}}")) {
      out += text[0];
      text.remove_prefix(2);
      continue;
    }
    const auto end = text[0] == '{' ? text.find('}') : std::string_view::npos;
    if (end != std::string_view::npos) {
      if (const auto value = web::find(values, text.substr(1, end - 1))) {
        out += *value;
        text.remove_prefix(end + 1);
        continue;
      }
    }
    out += text[0];
    text.remove_prefix(1);
  }
  return out;
}

CommandRunner::~CommandRunner() {
  {
    const std::lock_guard lock(mutex_);
    stop_ = true;
    end_ = std::chrono::steady_clock::now() + time_limit_at_end;
  }
  changed_.notify_all();
  if (thread_.joinable()) thread_.join();
}

bool CommandRunner::run(std::vector<std::string> arguments, std::string input) {
  {
    const std::lock_guard lock(mutex_);
    if (jobs_.size() >= most_waiting) return false;
    jobs_.push_back({std::move(arguments), std::move(input)});
    if (!thread_.joinable()) thread_ = process::start_thread([this] { work(); });
  }
  changed_.notify_all();
  return true;
}

void CommandRunner::work() {
  for (;;) {
    Job job;
    {
      std::unique_lock lock(mutex_);
      changed_.wait(lock, [this] { return stop_ || !jobs_.empty(); });
      if (jobs_.empty()) return;
      if (stop_ && std::chrono::steady_clock::now() > end_)
        return log_.warn(fmt::format("stopped before {} subscription commands were run", jobs_.size()));
      job = std::move(jobs_.front());
      jobs_.pop_front();
    }
    run_one(job);
  }
}

bool CommandRunner::is_past_end(std::chrono::steady_clock::time_point now) {
  const std::lock_guard lock(mutex_);
  return stop_ && now > end_;
}

void CommandRunner::run_one(const Job& job) {
  const state::Descriptor input(file_of(job.input));
  if (input.get() < 0) return log_.warn(fmt::format("{}: {}", job.arguments.front(), std::strerror(errno)));
  pid_t child = 0;
  try {
    child = process::spawn(job.arguments, input.get(), STDERR_FILENO);  // standard output is for records
  } catch (const std::exception& problem) {
    return log_.warn(problem.what());
  }
  const auto deadline = std::chrono::steady_clock::now() + time_limit;
  int status = 0;
  for (auto pause = std::chrono::milliseconds(1);; pause = std::min(pause * 2, std::chrono::milliseconds(50))) {
    const pid_t ended = ::waitpid(child, &status, WNOHANG);
    if (ended == child) break;
    if (ended < 0 && errno != EINTR) return;
    const auto now = std::chrono::steady_clock::now();
    if (now > deadline || is_past_end(now)) {
      ::kill(-child, SIGKILL);
      ::waitpid(child, &status, 0);
      return log_.warn(fmt::format("{} took too long and was ended", job.arguments.front()));
    }
    std::this_thread::sleep_for(pause);
  }
  if (status != 0) log_.warn(fmt::format("{}: {}", job.arguments.front(), process::describe_status(status)));
}

}  // namespace weir::dash_serve
