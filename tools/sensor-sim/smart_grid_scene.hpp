// The meters of an electricity grid, with incidents such as theft.
#pragma once
#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "scene.hpp"

namespace weir::sensor_sim {

/// Records `{"timestamp","meter","kw","connected"}` of every meter each 15 seconds. The timestamp is the end of the 15
/// seconds whose mean power it is. Some records are repeated within minutes, as a network repeats unacknowledged
/// messages.
///
/// A meter's reading is a function of the seed, its number and the step, so no other state is kept. The manual page has
/// the formulas.
class SmartGridScene : public Scene {
 public:
  static constexpr Duration interval = std::chrono::seconds(15);

  /// The receiver of lines about incidents, as they begin.
  class PlantedLog {
   public:
    virtual ~PlantedLog() = default;
    virtual void write(std::string_view line) = 0;
    /// Makes the lines durable.
    virtual void sync() {}
    /// Removes all lines after that many bytes.
    virtual void go_on_at(std::uint64_t size) { static_cast<void>(size); }
  };

  /// `planted` may be nullptr; it must outlive this object.
  SmartGridScene(std::uint64_t meters, std::uint64_t seed, PlantedLog* planted = nullptr);

  std::size_t size() const override { return meters_ + repeats_[now_ % steps_held].size(); }
  void begin_step(Time time) override;
  void append(std::size_t record, std::string& out) override;
  void state(StateArchive& archive, Time time) override;

 private:
  /// An incident of a meter, at most one in six hours.
  enum class Kind : std::uint8_t { nothing, theft, outage, surge };
  struct Incident {
    Kind kind = Kind::nothing;
    std::uint64_t first = 0;  ///< step
    std::uint64_t end = 0;    ///< the step after its last one
    double share = 1;         ///< factor of the meter's reading
  };
  /// A step whose records may still be repeated.
  struct Step {
    std::string opening;  ///< `{"timestamp":"2026-01-01T00:00:00Z`
    double course = 1;    ///< of the day
  };
  struct Repeat {
    std::uint32_t meter;
    std::uint32_t ago;  ///< steps
  };
  struct Planted {
    std::uint64_t first;
    std::uint64_t meter;
  };
  static constexpr std::array<std::uint32_t, 4> repeat_after{2, 4, 9, 20};  ///< steps
  static constexpr std::size_t steps_held = 32;  ///< more than the longest delay of a repeated record

  std::uint64_t hash(std::uint64_t what, std::uint64_t meter, std::uint64_t number) const;
  Incident incident(std::uint64_t meter, std::uint64_t step) const;
  double dip(std::uint64_t meter, std::uint64_t step) const;
  void write(std::uint64_t meter, std::uint64_t step, std::uint64_t random, std::string& out) const;
  void hold_step(std::uint64_t number, Time time);
  void plan_block();
  void write_planted();
  Time time_of(std::uint64_t step) const { return start_ + static_cast<std::int64_t>(step) * interval; }

  std::uint64_t meters_;
  std::uint64_t seed_;
  PlantedLog* log_;
  std::uint64_t planted_size_ = 0;  ///< bytes written to the planted file
  std::size_t name_size_ = 0;
  std::string names_;           ///< `","meter":"m000001","kw":` of each, in turn
  std::vector<double> levels_;  ///< of each, in watts
  Time start_{};
  std::uint64_t begun_ = 0;  ///< steps
  std::uint64_t now_ = 0;    ///< the current step
  std::array<Step, steps_held> steps_;
  std::array<std::vector<Repeat>, steps_held> repeats_;  ///< by the step in which they are repeated
  std::vector<Planted> planted_;                         ///< of the current block; the next one is of the last block
};

}  // namespace weir::sensor_sim
