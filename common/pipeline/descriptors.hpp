// The descriptors that a run reads from and writes to.
#pragma once
#include <unistd.h>

namespace weir {

/// Standard input and output, or what a test puts in their place.
struct Descriptors {
  int input = STDIN_FILENO;
  int output = STDOUT_FILENO;
};

}  // namespace weir
