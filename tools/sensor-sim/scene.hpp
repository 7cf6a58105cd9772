// The interface of simulated scenes.
#pragma once
#include <cstddef>
#include <string>

#include "state/archive.hpp"
#include "time/time_types.hpp"

namespace weir::sensor_sim {

/// Sensors that report once a step. For every step begin_step() is called, then append() from 0 to size() - 1.
class Scene {
 public:
  virtual ~Scene() = default;

  /// The number of records in the current step.
  virtual std::size_t size() const = 0;

  /// Begins the step at that time.
  virtual void begin_step(Time time) = 0;

  /// Appends a record and a newline.
  virtual void append(std::size_t record, std::string& out) = 0;

  /// The greatest age, relative to its step, of a record that is not late.
  virtual Duration greatest_age() const { return Duration::zero(); }

  /// Saves or loads the state on which later records depend, within a step. A snapshot is loaded into a scene of the
  /// same settings; `time` is the step's.
  virtual void state(StateArchive& archive, Time time) = 0;
};

}  // namespace weir::sensor_sim
