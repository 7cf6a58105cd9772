// The source: a scene, played at the pace that is asked for.
#pragma once
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "pipeline/source.hpp"
#include "scene.hpp"

namespace weir::sensor_sim {

/// How the scene is played.
struct PlaySettings {
  Time start{};                        ///< of the first step; with real_time it is the time of day
  Duration step{};                     ///< event time between steps
  std::optional<std::uint64_t> count;  ///< records in all; nothing: for ever
  std::optional<double> rate;          ///< records a second; nothing: as fast as they are taken
  std::optional<double> speed;         ///< event time for a second of the clock; nothing: as fast as they are taken
  bool real_time = false;              ///< each step waits until its time has come
};

/// Plays a scene: for every step a record of each sensor. The clock is one that runs evenly; for real_time it has to be
/// the time of day.
class SensorSim : public Source {
 public:
  using Clock = std::function<Time()>;
  SensorSim(std::unique_ptr<sensor_sim::Scene> scene, const PlaySettings& settings, Clock clock);

  Step next(Output& out) override;
  void wait(std::span<pollfd> also, WaitLimit limit) override;
  std::optional<Time> promise(Time now) const override;
  void snapshot(SnapshotWriter& to) override;
  /// Goes on with the record behind; the pace begins anew, but real time is the time of day, and what was due
  /// meanwhile comes at once.
  void restore(SnapshotReader& from) override;
  std::string place() const override { return "record " + std::to_string(sent_); }

  /// Time to the record that is due next, zero when it is due.
  Duration until_due() const;

 private:
  /// When the step that is played may begin, by the clock.
  Time step_due() const;
  /// How many more records may go out now.
  std::uint64_t allowed() const;
  void begin();
  /// Moves on to the next step; false when its time is beyond what a timestamp can hold.
  bool advance();

  std::unique_ptr<sensor_sim::Scene> scene_;
  PlaySettings settings_;
  Clock clock_;
  Time begun_{};            ///< by the clock
  Time time_{};             ///< of the step that is played
  std::size_t sensor_ = 0;  ///< the next one of this step
  std::uint64_t sent_ = 0;
  bool begun_step_ = false;  ///< the scene was told to begin
  bool over_ = false;
  std::uint64_t sent_before_ = 0;  ///< by earlier runs
  Time played_from_{};             ///< the step with which this run began
};

}  // namespace weir::sensor_sim
