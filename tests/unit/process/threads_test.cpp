#include "process/threads.hpp"

#include <array>
#include <csignal>
#include <thread>

#include "catch.hpp"

using namespace weir::process;

namespace {

/// Whether this thread blocks SIGHUP, SIGINT and SIGTERM.
std::array<bool, 3> blocked() {
  sigset_t mask;
  ::pthread_sigmask(SIG_SETMASK, nullptr, &mask);
  return {::sigismember(&mask, SIGHUP) == 1, ::sigismember(&mask, SIGINT) == 1, ::sigismember(&mask, SIGTERM) == 1};
}

}  // namespace

TEST_CASE("a started thread blocks all signals, and the one that starts it has its own again") {
  sigset_t hangup;
  sigset_t before;
  ::sigemptyset(&hangup);
  ::sigaddset(&hangup, SIGHUP);
  ::pthread_sigmask(SIG_SETMASK, &hangup, &before);
  std::array<bool, 3> in_thread{};
  start_thread([&in_thread] { in_thread = blocked(); }).join();
  const std::array<bool, 3> here = blocked();
  ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
  CHECK(in_thread == std::array{true, true, true});
  CHECK(here == std::array{true, false, false});
}
