// What is simulated.
#pragma once
#include <cstddef>
#include <string>

#include "state/snapshot.hpp"
#include "time/time_types.hpp"

namespace weir::sensor_sim {

/// Some sensors that report once a step. Calls come in order: for every step begin_step(), then append() from 0 to
/// size() - 1.
class Scene {
 public:
  virtual ~Scene() = default;

  /// Records of the step that was begun.
  virtual std::size_t size() const = 0;

  /// Begins the step of that time.
  virtual void begin_step(Time time) = 0;

  /// Appends a record and a newline.
  virtual void append(std::size_t record, std::string& out) = 0;

  /// How much older than its step a record in time may be.
  virtual Duration behind() const { return Duration::zero(); }

  /// Writes what the records to come depend on, within a step that was begun.
  virtual void snapshot(SnapshotWriter& to) = 0;
  /// Reads it, in a scene of the same settings; the step of `time` is the one that was begun.
  virtual void restore(SnapshotReader& from, Time time) = 0;
};

}  // namespace weir::sensor_sim
