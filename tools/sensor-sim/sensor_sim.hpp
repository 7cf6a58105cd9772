// The source: plays a scene at a given pace.
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

/// The settings of the source.
struct PlaySettings {
  Time start{};                        ///< of the first step; with real_time the time of day
  Duration step{};                     ///< event time between steps
  std::optional<std::uint64_t> count;  ///< records in total; empty: no limit
  std::optional<double> rate;          ///< records a second; empty: no limit
  std::optional<double> speed;         ///< event time for each second of the clock; empty: no limit
  bool real_time = false;              ///< each step waits for its time of day
};

/// A position between two records; the scene's state belongs to it.
struct PlayPosition {
  std::size_t record = 0;  ///< of the current step, like the next one
  std::uint64_t sent = 0;  ///< records in total
  bool over = false;       ///< the last record has been written

  void state(StateArchive& archive) { archive.values(record, sent, over); }
};

/// Plays a scene: for every step, a record of each sensor. The steady clock sets the pace; for real_time, the time of
/// day.
class SensorSim : public Source<PlayPosition> {
 public:
  using Clock = std::function<Time()>;
  SensorSim(std::unique_ptr<Scene> scene, const PlaySettings& settings, Clock clock);

  void begin() override;
  Step next(Output& out) override;
  void wait(std::span<pollfd> also, WaitLimit limit) override;
  std::optional<Time> promise(Time now) const override;
  PlayPosition position() override { return {.record = record_, .sent = sent_, .over = over_}; }
  /// Starts the pace with the next record. With real time, steps that were due meanwhile come at once.
  void restore(const PlayPosition& position) override;
  void state(StateArchive& archive) override;
  std::string position_text() const override { return "record " + std::to_string(sent_); }

  /// The time until the next record is due; zero when it is.
  Duration until_due() const;

 private:
  /// The time on the steady clock at which the current step may begin.
  Time step_due() const;
  /// The number of records that may be sent now.
  std::uint64_t allowed() const;
  /// Moves to the next step. Returns false when its time is beyond the range of timestamps.
  bool advance();

  std::unique_ptr<Scene> scene_;
  PlaySettings settings_;
  Clock clock_;
  Time begun_{};            ///< on the steady clock
  Time time_{};             ///< of the current step
  std::size_t record_ = 0;  ///< the next sensor of this step
  std::uint64_t sent_ = 0;
  bool over_ = false;
  std::uint64_t sent_before_ = 0;  ///< records of earlier runs
  Time played_from_{};             ///< the first step of this run
};

}  // namespace weir::sensor_sim
