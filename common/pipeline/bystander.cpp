#include "pipeline/bystander.hpp"

#include <signal.h>

#include <cstdlib>

namespace weir {

void end_as_bystander() {
  if (std::getenv(run_variable) == nullptr) return;
  std::atexit([] {
    ::signal(SIGPIPE, SIG_DFL);
    ::raise(SIGPIPE);
  });
}

}  // namespace weir
