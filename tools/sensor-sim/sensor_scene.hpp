// Sensors of any kind, one value for each record.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "gaps.hpp"
#include "scene.hpp"
#include "state/random.hpp"

namespace weir::sensor_sim {

/// Records `{"timestamp","sensor","parameter","value"}`. Each sensor measures one of temperature_c, humidity,
/// vibration_mm_s and power_kw, in turn, around its own level, with a daily course and fluctuations that last minutes.
class SensorScene : public Scene {
 public:
  /// `gaps` is the share of values that are null; the others do not depend on it.
  SensorScene(std::size_t sensors, std::uint64_t seed, Duration step, double gaps);

  std::size_t size() const override { return sensors_.size(); }
  void begin_step(Time time) override;
  void append(std::size_t sensor, std::string& out) override;
  void state(StateArchive& archive, Time time) override;

 private:
  struct Sensor {
    Random random;
    double level;
    double daily;
    double spread;
    double state;
    Random gap_random;
    bool missing;
    std::string opening;  ///< `","sensor":"s00001","parameter":"humidity","value":`
  };
  std::vector<Sensor> sensors_;
  double keep_;
  double add_;
  Gaps gaps_;
  double day_ = 0;  ///< the current daily course, -1 to 1
  std::string timestamp_;
};

}  // namespace weir::sensor_sim
