#include "stats/minimize.hpp"

#include <Eigen/Dense>
#include <algorithm>
#include <cmath>
#include <limits>

namespace weir {
namespace {

using Eigen::Index;
using Eigen::VectorXd;

/// A search in scaled variables.
class Search {
 public:
  Search(const std::function<double(std::span<const double>)>& function, std::span<const Variable> variables)
      : function_(function), variables_(variables), size_(static_cast<Index>(variables.size())) {
    low_.resize(size_);
    high_.resize(size_);
    for (Index i = 0; i < size_; ++i) {
      low_[i] = variable(i).low / variable(i).scale;
      high_[i] = variable(i).high / variable(i).scale;
    }
  }

  Minimum run(const std::vector<double>& start, int most_steps) {
    VectorXd x(size_);
    for (Index i = 0; i < size_; ++i) x[i] = start[static_cast<std::size_t>(i)] / variable(i).scale;
    x = limited(x);
    double value = value_at(x);
    if (!std::isfinite(value)) return {raw_, value};
    VectorXd slope = slope_at(x);
    Eigen::MatrixXd inverse = Eigen::MatrixXd::Identity(size_, size_);
    std::vector<bool> held = held_at(x, slope);
    bool fresh = true;  // the inverse Hessian is still the identity
    for (int step = 0; step < most_steps; ++step) {
      VectorXd direction = -free_part(held, inverse, slope);
      if (fresh && direction.norm() > 0.1) direction *= 0.1 / direction.norm();
      if (slope.dot(direction) >= 0) direction = -masked(held, slope);
      VectorXd next;
      double next_value = 0;
      if (!descend(x, value, slope, direction, next, next_value)) {
        if (fresh) break;
        inverse.setIdentity();
        fresh = true;
        continue;
      }
      const VectorXd next_slope = slope_at(next);
      const bool done = std::fabs(value - next_value) <= 1e-13 * (std::fabs(value) + 1e-10);
      update(inverse, next - x, next_slope - slope);
      if (fresh && done) break;
      x = next, value = next_value, slope = next_slope;
      std::vector<bool> now_held = held_at(x, slope);
      fresh = done || now_held != held;
      if (fresh) inverse.setIdentity();
      held = std::move(now_held);
    }
    value = value_at(x);
    return {raw_, value};
  }

 private:
  const Variable& variable(Index i) const { return variables_[static_cast<std::size_t>(i)]; }
  VectorXd limited(const VectorXd& x) const { return x.cwiseMax(low_).cwiseMin(high_); }

  double value_at(const VectorXd& x) {
    raw_.resize(variables_.size());
    for (Index i = 0; i < size_; ++i)
      raw_[static_cast<std::size_t>(i)] = std::clamp(x[i] * variable(i).scale, variable(i).low, variable(i).high);
    return function_(raw_);
  }

  VectorXd slope_at(const VectorXd& x) {
    VectorXd slope(size_);
    VectorXd moved = x;
    for (Index i = 0; i < size_; ++i) {
      const double reach = 1e-6 * std::max(1.0, std::fabs(x[i]));
      const double above = std::min(x[i] + reach, high_[i]);
      const double below = std::max(x[i] - reach, low_[i]);
      moved[i] = above;
      const double up = value_at(moved);
      moved[i] = below;
      const double down = value_at(moved);
      moved[i] = x[i];
      const double each = (up - down) / (above - below);
      slope[i] = std::isfinite(each) ? each : 0;
    }
    return slope;
  }

  /// Variables at a limit beyond which the function falls.
  std::vector<bool> held_at(const VectorXd& x, const VectorXd& slope) const {
    std::vector<bool> held(variables_.size());
    for (Index i = 0; i < size_; ++i)
      held[static_cast<std::size_t>(i)] = (x[i] <= low_[i] && slope[i] > 0) || (x[i] >= high_[i] && slope[i] < 0);
    return held;
  }
  VectorXd masked(const std::vector<bool>& held, VectorXd vector) const {
    for (Index i = 0; i < size_; ++i)
      if (held[static_cast<std::size_t>(i)]) vector[i] = 0;
    return vector;
  }
  VectorXd free_part(const std::vector<bool>& held, const Eigen::MatrixXd& inverse, const VectorXd& slope) const {
    return masked(held, inverse * masked(held, slope));
  }

  /// Halves the step until the value has fallen enough (Armijo).
  bool descend(const VectorXd& x, double value, const VectorXd& slope, const VectorXd& direction, VectorXd& next,
               double& next_value) {
    double length = 1;
    for (int i = 0; i < 40; ++i, length /= 2) {
      next = limited(x + length * direction);
      const VectorXd moved = next - x;
      if (moved.isZero(0)) return false;
      next_value = value_at(next);
      if (std::isfinite(next_value) && next_value <= value + 1e-4 * slope.dot(moved) && next_value < value) return true;
    }
    return false;
  }

  static void update(Eigen::MatrixXd& inverse, const VectorXd& moved, const VectorXd& change) {
    const double curvature = moved.dot(change);
    if (!(curvature > 1e-12 * moved.norm() * change.norm())) return;
    const VectorXd along = inverse * change;
    const double factor = (1 + change.dot(along) / curvature) / curvature;
    inverse += factor * moved * moved.transpose();
    inverse -= (along * moved.transpose() + moved * along.transpose()) / curvature;
  }

  const std::function<double(std::span<const double>)>& function_;
  std::span<const Variable> variables_;
  Index size_;
  VectorXd low_;
  VectorXd high_;
  std::vector<double> raw_;
};

}  // namespace

Minimum minimize(const std::function<double(std::span<const double>)>& function, std::vector<double> start,
                 std::span<const Variable> variables, int most_steps) {
  return Search(function, variables).run(start, most_steps);
}

}  // namespace weir
