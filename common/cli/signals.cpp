#include "cli/signals.hpp"

#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <system_error>

namespace weir::cli {
namespace {

volatile sig_atomic_t stopped = 0;
std::array<int, 2> wake{-1, -1};

void on_stop(int) {
  const int saved = errno;
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
int stop_descriptor() { return wake[0]; }

}  // namespace weir::cli
