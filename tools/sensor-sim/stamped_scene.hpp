// Scenes whose sensors all report at the time of the step.
#pragma once
#include <cstddef>
#include <string>
#include <vector>

#include "gaps.hpp"
#include "scene.hpp"
#include "time/timestamp.hpp"

namespace weir::sensor_sim {

/// Each step has one record of each `Sensor`, which has its state, and begins with the same timestamp.
template <typename Sensor>
class StampedScene : public Scene {
 public:
  std::size_t size() const final { return sensors_.size(); }

  void begin_step(Time time) override {
    time_ = time;
    timestamp_ = "{\"timestamp\":\"";
    append_time(timestamp_, time);
  }

  void state(StateArchive& archive, Time time) final {
    for (Sensor& sensor : sensors_) sensor.state(archive);
    if (archive.loading()) begin_step(time);
  }

 protected:
  /// `gaps` is the share of values that are null; the others do not depend on it.
  StampedScene(std::size_t sensors, double gaps) : gaps_(gaps) { sensors_.reserve(sensors); }

  std::vector<Sensor> sensors_;
  Gaps gaps_;
  Time time_{};
  std::string timestamp_;  ///< a record's beginning, up to the end of the time
};

}  // namespace weir::sensor_sim
