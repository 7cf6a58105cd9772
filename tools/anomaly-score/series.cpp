#include "series.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace weir::anomaly_score {
namespace {

constexpr double unknown = std::numeric_limits<double>::quiet_NaN();
constexpr double most_strength = 1e9;

/// A difference in deviations; with a deviation of 0 every difference is a great one.
double in_deviations(double difference, double deviation) {
  if (difference == 0) return 0;
  return deviation > 0 ? std::min(std::fabs(difference) / deviation, most_strength) : most_strength;
}

}  // namespace

double Series::limit_of(const Plan& plan, std::size_t detector) const {
  const Limit& limit = limits_[detector];
  const double base = limit.learned.ready() ? limit.learned.limit() : plan.detectors[detector].limit;
  return limit.raised > 0 ? base * std::exp(limit.raised) : base;
}

Finding Series::observe(const Plan& plan, Time time, double value, double unit) {
  if (pace_.pass(plan, time)) {
    level_.clear();  // the last values do not belong together with the next ones
    novelty_.clear();
  }
  if (unit > 0 && (unit_ == 0 || unit < unit_)) unit_ = unit;
  const double floor = std::max(plan.floor < 0 ? unit_ : plan.floor, 0.0);
  const std::size_t slot = Baseline::slot_of(plan, time);

  Finding finding;
  double difference = 0;
  double mean = 0;
  double deviation = 0;
  const bool expects = plan.needs_baseline && baseline_.knows(slot);
  bool judged = false;
  if (expects) {
    finding.expected = baseline_.expected(slot);
    difference = value - finding.expected;
    const bool running = plan.form == Form::running;
    deviation = std::max(running ? baseline_.running_deviation() : baseline_.deviation(), floor);
    judged = (running ? baseline_.count() : baseline_.samples()) >= plan.min_samples;
    if (plan.level_values > 0) mean = level_.add(plan, difference);
  }
  Novelty::Result shape;
  if (plan.needs_shape) shape = novelty_.add(plan, value);

  std::array<double, 3> strengths{unknown, unknown, unknown};
  double worst = -1;
  std::size_t worst_at = 0;
  bool alert = false;
  for (std::size_t i = 0; i < plan.detector_count; ++i) {
    limits_[i].raised *= plan.settling;
    switch (plan.detectors[i].sense) {
      case Sense::spike:
        if (judged) strengths[i] = in_deviations(difference, deviation);
        break;
      case Sense::level:
        if (judged && level_.spread().count() >= plan.min_samples)
          strengths[i] = in_deviations(
              mean, std::max(level_.spread().deviation(), floor / std::sqrt(static_cast<double>(plan.level_values))));
        break;
      case Sense::shape:
        if (shape.known) strengths[i] = std::min(shape.strength, most_strength);
        break;
      case Sense::forest:
        break;
    }
    if (std::isnan(strengths[i])) continue;
    const double ratio = strengths[i] / limit_of(plan, i);
    if (ratio > worst) worst = ratio, worst_at = i;
    alert = alert || ratio >= 1;
  }
  if (worst >= 0) {
    finding.score = worst / (1 + worst);
    finding.strength = strengths[worst_at];
    finding.cause = Cause::none;
    const double band = expects ? limit_of(plan, 0) * deviation : limit_of(plan, 0) * shape.usual;
    if (!expects) finding.expected = shape.expected;
    finding.low = finding.expected - band;
    finding.high = finding.expected + band;
    if (alert) {
      switch (plan.detectors[worst_at].sense) {
        case Sense::spike:
          finding.cause = difference > 0 ? Cause::above : Cause::below;
          break;
        case Sense::level:
          finding.cause = mean > 0 ? Cause::high : Cause::low;
          break;
        case Sense::shape:
        case Sense::forest:
          finding.cause = Cause::shape;
          break;
      }
    }
  }

  const bool learns = rule_.learns(plan, finding.score);
  if (plan.rate && !alert)
    for (std::size_t i = 0; i < plan.detector_count; ++i)
      if (!std::isnan(strengths[i])) limits_[i].learned.learn(strengths[i], *plan.rate);
  if (alert && alert_.holds(plan, pace_)) {
    finding.score /= 2;
    finding.cause = Cause::held;
  } else if (alert) {
    alert_.set(pace_);
    for (std::size_t i = 0; i < plan.detector_count; ++i)
      if (strengths[i] >= limit_of(plan, i)) limits_[i].raised += plan.escalation;
  }
  if (learns) {
    if (plan.needs_baseline) baseline_.learn(plan, slot, value);
    if (expects && plan.level_values > 0) level_.learn(mean, plan.share);
    if (plan.needs_shape) novelty_.learn(plan, shape);
  }
  return finding;
}

void Series::state(StateArchive& archive) {
  archive.values(pace_, unit_, baseline_, level_, novelty_, alert_, rule_);
  for (Limit& each : limits_) archive.value(each);
}

}  // namespace weir::anomaly_score
