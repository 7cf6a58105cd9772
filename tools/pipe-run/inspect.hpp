// The content of a state folder.
#pragma once
#include <cstdint>
#include <string>

namespace weir::pipe_run {

/// The content of a state folder as records.
struct Inspection {
  std::string lines;  ///< NDJSON: one line of the pipeline, one for each snapshot; then those of pipe-merge's inputs
  std::uint64_t damaged = 0;  ///< snapshots that cannot be used
};

/// Looks into a state folder without changing or locking anything. Throws std::system_error when it cannot be read.
Inspection inspect_state(const std::string& folder);

}  // namespace weir::pipe_run
