// A check in a fuzz target.
#pragma once
#include <cstdio>
#include <cstdlib>

/// Ends the process, which the fuzzer takes as a finding, where something does not hold.
inline void expect(bool holds, int line = __builtin_LINE()) {
  if (holds) return;
  std::fprintf(stderr, "does not hold: line %d\n", line);
  std::abort();
}
