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

/// The greatest timestamp, 2261-12-31.
constexpr Time last_time{std::chrono::nanoseconds{9'214'559'999'000'000'000}};

}  // namespace

SensorSim::SensorSim(std::unique_ptr<Scene> scene, const PlaySettings& settings, Clock clock)
    : scene_(std::move(scene)),
      settings_(settings),
      clock_(std::move(clock)),
      begun_(clock_()),
      time_(settings.start),
      played_from_(settings.start) {}

void SensorSim::begin() {
  scene_->begin_step(time_);
  over_ = scene_->size() == 0;
}

std::uint64_t SensorSim::allowed() const {
  std::uint64_t most = settings_.count ? *settings_.count - std::min(sent_, *settings_.count) : no_end;
  if (settings_.rate) {
    // The first record is due at once, the next one 1/rate later.
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
  record_ = 0;
  scene_->begin_step(time_);
  return true;
}

AnySource::Step SensorSim::next(Output& out) {
  std::uint64_t left = std::min(allowed(), out.wanted);
  const std::size_t enough = out.lines.size() + block;
  bool wrote = false;
  while (left > 0 && !over_ && out.lines.size() < enough) {
    if ((settings_.real_time || settings_.speed) && record_ == 0 && clock_() < step_due()) break;
    scene_->append(record_, out.lines);
    wrote = true;
    ++sent_;
    --left;
    if (++record_ == scene_->size()) over_ = !advance();
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

/// A heartbeat has the time of the current step, or the time of day where that is earlier.
std::optional<Time> SensorSim::promise(Time now) const {
  const Time oldest = saturating_subtract(time_, scene_->greatest_age());
  return settings_.real_time ? std::min(now, oldest) : oldest;
}

void SensorSim::state(StateArchive& archive) {
  archive.value(time_);
  scene_->state(archive, time_);
}

void SensorSim::restore(const PlayPosition& position) {
  record_ = position.record;
  sent_ = sent_before_ = position.sent;
  over_ = position.over;
  played_from_ = time_;
  begun_ = clock_();
}

void SensorSim::wait(std::span<pollfd> also, WaitLimit limit) {
  const auto due = std::chrono::ceil<WaitLimit>(until_due());
  wait_for(also, limit < WaitLimit::zero() ? due : std::min(limit, due));
}

}  // namespace weir::sensor_sim
