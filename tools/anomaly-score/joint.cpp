#include "joint.hpp"

#include <algorithm>
#include <cmath>

namespace weir::anomaly_score {
namespace {

constexpr double farthest = 1e6;  ///< deviations

}  // namespace

Finding Joint::judge(const Plan& plan, Time time, std::span<const double> values, TrainedModel* model) {
  pace_.pass(plan, time);
  Finding finding;
  if (model == nullptr) {
    finding.cause = Cause::untrained;
    return finding;
  }
  finding = model->judge(values, plan.limit);
  finish(plan, finding);
  return finding;
}

/// Holds back what follows an alert.
void Joint::finish(const Plan& plan, Finding& finding) {
  if (!(finding.score >= 0.5)) return;
  if (alert_.holds(plan, pace_)) {
    finding.score /= 2;
    finding.cause = Cause::held;
  } else {
    alert_.set(pace_);
    limit_.raised += plan.escalation;
  }
}

/// The scale of the fields is that of their first values. False while these come.
bool Joint::scale(const Plan& plan, std::span<const double> values) {
  if (scaled_ >= plan.min_samples) return true;
  means_.resize(values.size());
  squares_.resize(values.size());
  ++scaled_;
  for (std::size_t i = 0; i < values.size(); ++i) {
    const double difference = values[i] - means_[i];
    means_[i] += difference / static_cast<double>(scaled_);
    squares_[i] += difference * (values[i] - means_[i]);
  }
  return false;
}

Finding Joint::cut(const Plan& plan, Time time, std::span<const double> values, std::string_view key) {
  if (pace_.pass(plan, time)) filled_ = 0;
  Finding finding;
  if (!scale(plan, values)) return finding;
  const std::size_t used = plan.window * values.size();
  if (!forest_.begun()) {
    forest_.begin(plan.trees, plan.samples, Random(key, plan.seed));
    last_.resize((used + CutTree::lanes - 1) / CutTree::lanes * CutTree::lanes);
  }
  std::move(last_.begin() + static_cast<std::ptrdiff_t>(values.size()),
            last_.begin() + static_cast<std::ptrdiff_t>(used), last_.begin());
  for (std::size_t i = 0; i < values.size(); ++i) {
    const double deviation = std::sqrt(std::max(squares_[i] / static_cast<double>(scaled_), 0.0));
    const double unit = std::max(deviation, plan.floor > 0 ? plan.floor : std::fabs(means_[i]) * 1e-3);
    const double scaled = unit > 0 ? (values[i] - means_[i]) / unit : values[i] - means_[i];
    last_[used - values.size() + i] = static_cast<float>(std::clamp(scaled, -farthest, farthest));
  }
  filled_ = std::min<std::uint64_t>(filled_ + 1, plan.window);
  if (filled_ < plan.window) return finding;
  limit_.raised *= plan.settling;
  forest_.draw();
  bool learns = true;
  if (forest_.count() >= std::min<std::uint64_t>(plan.min_samples, plan.samples)) {
    const double strength = forest_.score(last_);
    const double base = limit_.learned.ready() ? limit_.learned.limit() : plan.detectors[0].limit;
    const double ratio = strength / (base * std::exp(limit_.raised));
    finding.strength = strength;
    finding.score = ratio / (1 + ratio);
    finding.cause = ratio >= 1 ? Cause::isolated : Cause::none;
    learns = rule_.learns(plan, finding.score);
    if (plan.rate && ratio < 1) limit_.learned.learn(strength, *plan.rate);
    finish(plan, finding);
  }
  if (learns) forest_.add(last_);
  return finding;
}

void Joint::state(StateArchive& archive) {
  archive.values(pace_, alert_, rule_, limit_, scaled_, means_, squares_, last_, filled_, forest_);
}

}  // namespace weir::anomaly_score
