// Sensors of any kind, one value for each record.
#pragma once
#include <cstddef>
#include <cstdint>
#include <string>

#include "stamped_scene.hpp"
#include "state/random.hpp"

namespace weir::sensor_sim {

struct Sensor {
  Random random;
  double level;
  double daily;
  double spread;
  double course;  ///< its fluctuation now
  Random gap_random;
  bool missing;
  std::string opening;  ///< `","sensor":"s00001","parameter":"humidity","value":`
  void state(StateArchive& archive) { archive.values(random, course, gap_random, missing); }
};

/// Records `{"timestamp","sensor","parameter","value"}`. Each sensor measures one of temperature_c, humidity,
/// vibration_mm_s and power_kw, in turn, around its own level, with a daily course and fluctuations that last minutes.
class SensorScene : public StampedScene<Sensor> {
 public:
  /// `gaps` is the share of values that are null; the others do not depend on it.
  SensorScene(std::size_t sensors, std::uint64_t seed, Duration step, double gaps);

  void begin_step(Time time) override;
  void append(std::size_t sensor, std::string& out) override;

 private:
  double keep_;
  double add_;
  double day_ = 0;  ///< the current daily course, -1 to 1
};

}  // namespace weir::sensor_sim
