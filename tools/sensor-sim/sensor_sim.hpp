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
  Time start{};                        ///< of the first step; with real_time the time of day
  Duration step{};                     ///< event time between steps
  std::optional<std::uint64_t> count;  ///< records in all; nothing: without end
  std::optional<double> rate;          ///< records a second; nothing: as fast as they are taken
  std::optional<double> speed;         ///< event time for each second of the clock; nothing: as fast as they are taken
  bool real_time = false;              ///< each step waits until its time has come
};

/// A place between two records; the scene's own state goes with it.
struct PlayPosition {
  std::size_t record = 0;  ///< of the step, the next one
  std::uint64_t sent = 0;  ///< records in all
  bool over = false;       ///< no record comes after it

  void state(StateArchive& archive) { archive.values(record, sent, over); }
};

/// Plays a scene: for every step a record of each sensor. The clock runs evenly; for real_time it is the time of day.
class SensorSim : public Source<PlayPosition> {
 public:
  using Clock = std::function<Time()>;
  SensorSim(std::unique_ptr<Scene> scene, const PlaySettings& settings, Clock clock);

  void begin() override;
  Step next(Output& out) override;
  void wait(std::span<pollfd> also, WaitLimit limit) override;
  std::optional<Time> promise(Time now) const override;
  PlayPosition position() override { return {.record = record_, .sent = sent_, .over = over_}; }
  /// The pace begins anew with the next record. Real time is the time of day: what was due meanwhile comes at once.
  void restore(const PlayPosition& position) override;
  void state(StateArchive& archive) override;
  std::string position_text() const override { return "record " + std::to_string(sent_); }

  /// The time until the next record is due; zero when it is.
  Duration until_due() const;

 private:
  /// When the step that is played may begin, by the clock.
  Time step_due() const;
  /// The number of records that may still be sent now.
  std::uint64_t allowed() const;
  /// Moves on to the next step; false when its time is beyond what a timestamp can hold.
  bool advance();

  std::unique_ptr<Scene> scene_;
  PlaySettings settings_;
  Clock clock_;
  Time begun_{};            ///< by the clock
  Time time_{};             ///< of the step that is played
  std::size_t record_ = 0;  ///< the next one of this step
  std::uint64_t sent_ = 0;
  bool over_ = false;
  std::uint64_t sent_before_ = 0;  ///< by earlier runs
  Time played_from_{};             ///< the step with which this run began
};

}  // namespace weir::sensor_sim
