// What is simulated.
#pragma once
#include <cstddef>
#include <string>

#include "time/time_types.hpp"

namespace weir::sim {

/// Some sensors that all report once a step. Calls come in order: for every step the sensors from 0 to size() - 1.
class Scene {
 public:
  virtual ~Scene() = default;

  /// Records a step.
  virtual std::size_t size() const = 0;

  /// Begins the step of that time.
  virtual void begin_step(Time time) = 0;

  /// Appends a sensor's record and a newline.
  virtual void append(std::size_t sensor, std::string& out) = 0;
};

}  // namespace weir::sim
