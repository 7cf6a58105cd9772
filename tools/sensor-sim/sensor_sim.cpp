#include "sensor_sim.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "time/saturating.hpp"

namespace weir::sensor_sim {
namespace {

constexpr std::size_t block = 64 * 1024;
constexpr std::uint64_t no_end = std::numeric_limits<std::uint64_t>::max();

/// The last moment that a timestamp can hold, 2261-12-31.
constexpr Time last_time{std::chrono::nanoseconds{9'214'559'999'000'000'000}};

}  // namespace

SensorSim::SensorSim(std::unique_ptr<sensor_sim::Scene> scene, const PlaySettings& settings, Clock clock)
    : scene_(std::move(scene)),
      settings_(settings),
      clock_(std::move(clock)),
      begun_(clock_()),
      time_(settings.start),
      played_from_(settings.start) {}

/// Not before it is known that no earlier run has begun.
void SensorSim::begin() {
  if (std::exchange(begun_step_, true)) return;
  scene_->begin_step(time_);
  over_ = scene_->size() == 0;
}

std::uint64_t SensorSim::allowed() const {
  std::uint64_t most = settings_.count ? *settings_.count - std::min(sent_, *settings_.count) : no_end;
  if (settings_.rate) {
    // The first record is due at once, the next one after 1/rate.
    const double passed = static_cast<double>((clock_() - begun_).count()) * 1e-9;
    const double due = std::floor(std::max(passed, 0.0) * *settings_.rate) + 1;
    const auto whole = due < 1e18 ? static_cast<std::uint64_t>(due) : no_end;
    const std::uint64_t sent = sent_ - sent_before_;
    most = std::min(most, whole > sent ? whole - sent : 0);
  }
  return most;
}

bool SensorSim::advance() {
  if (last_time - time_ < settings_.step) return false;
  time_ += settings_.step;
  sensor_ = 0;
  scene_->begin_step(time_);
  return true;
}

Source::Step SensorSim::next(Output& out) {
  begin();
  std::uint64_t left = std::min(allowed(), out.wanted);
  const std::size_t enough = out.lines.size() + block;
  bool wrote = false;
  while (left > 0 && !over_ && out.lines.size() < enough) {
    if ((settings_.real_time || settings_.speed) && sensor_ == 0 && clock_() < step_due()) break;
    scene_->append(sensor_, out.lines);
    wrote = true;
    ++sent_;
    --left;
    if (++sensor_ == scene_->size()) over_ = !advance();
  }
  if (over_ || (settings_.count && sent_ >= *settings_.count)) return wrote ? Step::more : Step::end;
  return wrote ? Step::more : Step::idle;
}

Duration SensorSim::until_due() const {
  Time due = begun_;
  if (settings_.rate)
    due += Duration(static_cast<std::int64_t>(static_cast<double>(sent_ - sent_before_) / *settings_.rate * 1e9));
  if (settings_.real_time || settings_.speed) due = std::max(due, step_due());
  return std::max(saturating_distance(clock_(), due), Duration::zero());
}

Time SensorSim::step_due() const {
  if (settings_.real_time) return time_;
  if (!settings_.speed) return begun_;
  const double passed = static_cast<double>((time_ - played_from_).count()) / *settings_.speed;
  return passed < 9e18 ? saturating_add(begun_, Duration(std::llround(passed))) : Time::max();
}

/// The step that is played, or the time of day where that is earlier: nothing older is to come.
std::optional<Time> SensorSim::promise(Time now) const {
  const Time oldest = saturating_subtract(time_, scene_->behind());
  return settings_.real_time ? std::min(now, oldest) : oldest;
}

void SensorSim::snapshot(SnapshotWriter& to) {
  begin();
  to.number(time_.time_since_epoch().count());
  to.number<std::uint64_t>(sensor_);
  to.number(sent_);
  to.number(over_);
  scene_->snapshot(to);
}

void SensorSim::restore(SnapshotReader& from) {
  begun_step_ = true;
  time_ = Time(Duration(from.number<Duration::rep>()));
  sensor_ = from.number<std::uint64_t>();
  sent_ = from.number<std::uint64_t>();
  over_ = from.number<bool>();
  scene_->restore(from, time_);
  sent_before_ = sent_;
  played_from_ = time_;
  begun_ = clock_();
}

void SensorSim::wait(std::span<pollfd> also, WaitLimit limit) {
  const auto due = std::chrono::ceil<WaitLimit>(until_due());
  wait_for(also, limit < WaitLimit::zero() ? due : std::min(limit, due));
}

}  // namespace weir::sensor_sim
