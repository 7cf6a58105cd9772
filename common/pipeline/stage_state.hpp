// What a stage of a pipeline with checkpoints leaves behind for its next run.
#pragma once
#include <cstdint>

#include "state/snapshot.hpp"

namespace weir {

/// The part of it that sources, filters and sinks have in common; each has a snapshot() beside.
class StageState {
 public:
  virtual ~StageState() = default;

  /// The version of what snapshot() writes; state of another one is not taken up.
  virtual std::uint32_t schema() const { return 1; }

  /// Reads what snapshot() wrote into a stage that has had no line yet and given none.
  virtual void restore(SnapshotReader& from) {
    static_cast<void>(from);
    keeps_none();
  }

 protected:
  [[noreturn]] static void keeps_none() {
    throw SnapshotError("this stage keeps no state: leave it out of a pipeline with --state");
  }
};

}  // namespace weir
