// Sensors of any kind, one value a record.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "gaps.hpp"
#include "random.hpp"
#include "scene.hpp"

namespace weir::sensor_sim {

/// Records `{"timestamp","sensor","parameter","value"}`: each sensor measures one of temperature_c, humidity,
/// vibration_mm_s and power_kw, in turn, about a level of its own, with a daily course and fluctuations that last
/// minutes.
class SensorScene : public Scene {
 public:
  /// A share `gaps` of the values is null; what is not null is the same for any.
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
  double day_ = 0;  ///< the daily course now, -1 to 1
  std::string timestamp_;
};

}  // namespace weir::sensor_sim
