// The content of a state folder.
#pragma once
#include <cstdint>
#include <string>

namespace weir::pipe_run {

/// Which snapshots are listed.
enum class Snapshots : std::uint8_t {
  last,  ///< the last one of each stage, and damaged ones
  every
};

/// The content of a state folder as records.
struct Inspection {
  /// NDJSON: a line of the pipeline, one for each stage or snapshot, then those of pipe-merge's inputs.
  std::string lines;
  std::uint64_t damaged = 0;  ///< snapshots that cannot be used
};

/// Looks into a state folder without changing or locking anything. Throws std::system_error when it cannot be read.
Inspection inspect_state(const std::string& folder, Snapshots wanted);

}  // namespace weir::pipe_run
