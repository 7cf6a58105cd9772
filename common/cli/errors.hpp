// How a run can end, and the exceptions that end it.
#pragma once
#include <stdexcept>
#include <string>

namespace weir {

/// The variable that pipe-run sets for its stages; its value is pipe-run's process id.
inline constexpr const char* run_variable = "WEIR_RUN";
/// Set by pipe-run --rebuild: a state that is lost is made again from the source.
inline constexpr const char* rebuild_variable = "WEIR_REBUILD";

}  // namespace weir

namespace weir::cli {

/// The exit status of every tool; there are no others. Outside of pipe-run `left_out` becomes `failed`.
enum class Exit : int {
  done = 0,      ///< all was done
  failed = 1,    ///< it failed, and starting again may help
  usage = 2,     ///< wrong usage: nothing was read or written
  state = 3,     ///< the saved state cannot be used; a person must look
  left_out = 99  ///< all was done, but records were left out and no option tells where they go
};

/// Wrong usage: caught in one place, printed, exit 2.
class UsageError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// Saved state that cannot be used: exit 3.
class StateError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// Standard output was closed by its reader: the run ends quietly, exit 0.
class OutputClosed : public std::exception {
 public:
  const char* what() const noexcept override { return "standard output was closed"; }
};

}  // namespace weir::cli
