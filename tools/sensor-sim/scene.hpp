// What is simulated.
#pragma once
#include <cstddef>
#include <string>

#include "state/archive.hpp"
#include "time/time_types.hpp"

namespace weir::sensor_sim {

/// Some sensors that report once a step. For every step begin_step() is called, then append() from 0 to size() - 1.
class Scene {
 public:
  virtual ~Scene() = default;

  /// The number of records in the step that was begun.
  virtual std::size_t size() const = 0;

  /// Begins the step of that time.
  virtual void begin_step(Time time) = 0;

  /// Appends a record and a newline.
  virtual void append(std::size_t record, std::string& out) = 0;

  /// How much older than its step a record that is not late may be.
  virtual Duration behind() const { return Duration::zero(); }

  /// What the records to come depend on, in a step that was begun. It is loaded into a scene of the same settings, and
  /// `time` is the step's.
  virtual void state(StateArchive& archive, Time time) = 0;
};

}  // namespace weir::sensor_sim
