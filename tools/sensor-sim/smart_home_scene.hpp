// A house whose sensors report every quarter of an hour.
#pragma once
#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "scene.hpp"
#include "state/random.hpp"

namespace weir::sensor_sim {

/// Records `{"timestamp","sensor","value"}`. The timestamp is the end of the measured quarter of an hour.
///
/// Every quarter: TH1, TH2 (12 to 35 °C), HVAC1, HVAC2, MiAC1, MiAC2 (up to 100, 200, 150 and 200 Wh), W1 (up to 1 l).
/// At midnight the meters Etot (2600 × 24 ± 1000 Wh more than the day before) and Wtot (110 ± 10 l). Mov1 is 1 at five
/// times a day, written before the step that ends its quarter.
///
/// Each 20th W1 is followed by one with a time two days earlier, each 120th by one with a time ten days earlier.
class SmartHomeScene : public Scene {
 public:
  static constexpr Duration step = std::chrono::minutes(15);

  explicit SmartHomeScene(std::uint64_t seed);

  std::size_t size() const override { return lines_; }
  void begin_step(Time time) override;
  void append(std::size_t sensor, std::string& out) override;
  void state(StateArchive& archive, Time time) override;
  Duration greatest_age() const override { return step; }

 private:
  struct Sensor {
    std::string_view name;
    std::int64_t least;  ///< in hundredths, as the next one
    std::int64_t most;
    Random random;
  };
  /// A meter that counts upwards.
  struct Meter {
    std::string_view name;
    std::int64_t mean;  ///< a day, in hundredths
    std::int64_t spread;
    Random random;
    std::int64_t total = 0;
  };

  static constexpr std::size_t w1 = 6;  ///< index into sensors_
  static constexpr std::size_t times_a_day = 5;

  void add(Time time, std::string_view sensor, std::int64_t hundredths);
  std::string& next_line(Time time, std::string_view sensor);
  void add_movements(Time time);
  void add_meters(Time time);
  void add_late(Time time);
  void choose_movements(std::chrono::sys_days day);
  static std::int64_t between(std::int64_t least, std::int64_t most, Random& random);

  std::uint64_t seed_;
  std::array<Sensor, 7> sensors_;
  std::array<Meter, 2> meters_;
  Random late_random_;
  std::uint64_t steps_ = 0;
  std::chrono::sys_days movement_day_{};
  std::array<Time, times_a_day> movements_{};  ///< of that day, ascending
  std::vector<std::string> pool_;              ///< lines of the current step; longer memory of earlier ones is reused
  std::size_t lines_ = 0;
};

}  // namespace weir::sensor_sim
