#include "cli/signals.hpp"

#include <fcntl.h>
#include <signal.h>
#include <time.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <cstdint>
#include <system_error>

namespace weir::cli {
namespace {

volatile sig_atomic_t stopped = 0;
std::atomic<std::int64_t> stopped_at{0};  // nanoseconds of the clock that never goes back
static_assert(std::atomic<std::int64_t>::is_always_lock_free, "written by a signal's handler");
std::array<int, 2> wake{-1, -1};

void on_stop(int) {
  const int saved = errno;
  if (stopped == 0) {
    timespec now{};
    ::clock_gettime(CLOCK_MONOTONIC, &now);
    stopped_at = static_cast<std::int64_t>(now.tv_sec) * 1'000'000'000 + now.tv_nsec;
  }
  stopped = 1;
  const char byte = 's';
  // A full pipe has been written to already, which is all that is needed.
  [[maybe_unused]] const ssize_t n = ::write(wake[1], &byte, 1);
  errno = saved;
}

}  // namespace

void install_signal_handlers() {
  if (::pipe2(wake.data(), O_CLOEXEC | O_NONBLOCK) != 0)
    throw std::system_error(errno, std::generic_category(), "making a pipe for signals");
  struct sigaction action = {};
  action.sa_handler = on_stop;  // without SA_RESTART: a blocked read or write has to notice
  ::sigaction(SIGINT, &action, nullptr);
  ::sigaction(SIGTERM, &action, nullptr);
  struct sigaction ignore = {};
  ignore.sa_handler = SIG_IGN;
  ::sigaction(SIGPIPE, &ignore, nullptr);
}

bool stop_requested() { return stopped != 0; }
std::chrono::steady_clock::time_point stop_time() {
  using clock = std::chrono::steady_clock;
  if (!stop_requested()) return clock::time_point::max();
  return clock::time_point(std::chrono::nanoseconds(stopped_at));
}

int stop_descriptor() { return wake[0]; }

}  // namespace weir::cli
