// Starting threads that leave the signals to the one that reads the input.
#pragma once
#include <csignal>
#include <thread>
#include <utility>

namespace weir::process {

/// While it lives, blocks all signals of the thread that made it. A thread that is started meanwhile blocks them for
/// good.
class WithoutSignals {
 public:
  WithoutSignals() {
    sigset_t all;
    ::sigfillset(&all);
    ::pthread_sigmask(SIG_SETMASK, &all, &before_);
  }
  ~WithoutSignals() { ::pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
  WithoutSignals(const WithoutSignals&) = delete;
  WithoutSignals& operator=(const WithoutSignals&) = delete;

 private:
  sigset_t before_{};
};

/// Starts a thread in which all signals are blocked, so that a signal interrupts the thread that reads the input.
/// Throws std::system_error.
template <class Work>
std::thread start_thread(Work work) {
  const WithoutSignals guard;
  return std::thread(std::move(work));
}

}  // namespace weir::process
