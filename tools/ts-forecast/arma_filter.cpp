#include "arma_filter.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>

namespace weir::ts_forecast {
namespace {

constexpr double settled = 1e-12;  ///< of the state's variance: the filter has become the recursion of the process

/// The state's variance, a square matrix of `size` rows.
struct Square {
  explicit Square(std::size_t size_) : size(size_), values(size_ * size_, 0) {}
  double& at(std::size_t i, std::size_t j) { return values[i * size + j]; }
  double at(std::size_t i, std::size_t j) const { return values[i * size + j]; }
  std::size_t size;
  std::vector<double> values;
};

/// A B.
Square product(const Square& a, const Square& b) {
  Square result(a.size);
  for (std::size_t i = 0; i < a.size; ++i)
    for (std::size_t k = 0; k < a.size; ++k)
      if (const double each = a.at(i, k); each != 0)
        for (std::size_t j = 0; j < a.size; ++j) result.at(i, j) += each * b.at(k, j);
  return result;
}

/// A Bᵀ.
Square product_with_transposed(const Square& a, const Square& b) {
  Square result(a.size);
  for (std::size_t i = 0; i < a.size; ++i)
    for (std::size_t k = 0; k < a.size; ++k)
      for (std::size_t j = 0; j < a.size; ++j) result.at(i, k) += a.at(i, j) * b.at(k, j);
  return result;
}

/// The variance of a stationary state: P = T P Tᵀ + R Rᵀ, by doubling (Anderson 1978).
bool stationary(std::span<const double> ar, std::span<const double> noise, Square& variance) {
  const std::size_t size = noise.size();
  Square power(size);
  for (std::size_t i = 0; i < size; ++i) {
    if (i < ar.size()) power.at(i, 0) = ar[i];
    if (i + 1 < size) power.at(i, i + 1) = 1;
    for (std::size_t j = 0; j < size; ++j) variance.at(i, j) = noise[i] * noise[j];
  }
  for (int step = 0; step < 40; ++step) {
    const Square more = product_with_transposed(product(power, variance), power);
    double greatest = 0;
    double change = 0;
    for (std::size_t i = 0; i < more.values.size(); ++i) {
      variance.values[i] += more.values[i];
      greatest = std::max(greatest, std::fabs(variance.values[i]));
      change = std::max(change, std::fabs(more.values[i]));
    }
    if (!std::isfinite(greatest)) return false;
    if (change <= 1e-14 * greatest) return true;
    power = product(power, power);
  }
  return false;
}

}  // namespace

ArmaPass filter_arma(std::span<const double> series, std::span<const double> ar, std::span<const double> ma,
                     std::size_t ahead) {
  const std::size_t size = std::max<std::size_t>({ar.size(), ma.size() + 1, 1});
  std::vector<double> noise(size, 0);
  noise[0] = 1;
  std::copy(ma.begin(), ma.end(), noise.begin() + 1);
  ArmaPass result;
  Square variance(size);
  if (!stationary(ar, noise, variance)) {
    result.log_likelihood = -std::numeric_limits<double>::infinity();
    return result;
  }
  const auto ar_at = [&](std::size_t i) { return i < ar.size() ? ar[i] : 0.0; };
  std::vector<double> state(size, 0);
  std::vector<double> gain(size);
  Square left(size);
  double squares = 0;
  double logs = 0;
  bool steady = false;
  const auto move = [&] {  // the state one step on
    const double first = state[0];
    for (std::size_t i = 0; i < size; ++i) state[i] = ar_at(i) * first + (i + 1 < size ? state[i + 1] : 0);
  };
  for (const double value : series) {
    const double error = value - state[0];
    if (steady) {
      squares += error * error;
      for (std::size_t i = 0; i < size; ++i) state[i] += noise[i] * error;  // the observation tells the noise itself
      move();
      continue;
    }
    const double spread = variance.at(0, 0);
    squares += error * error / spread;
    logs += std::log(spread);
    for (std::size_t i = 0; i < size; ++i) gain[i] = variance.at(i, 0) / spread;
    for (std::size_t i = 0; i < size; ++i) state[i] += gain[i] * error;
    double greatest = 0;
    for (std::size_t i = 0; i < size; ++i)
      for (std::size_t j = 0; j < size; ++j) {
        left.at(i, j) = variance.at(i, j) - gain[i] * variance.at(0, j);
        greatest = std::max(greatest, std::fabs(left.at(i, j)));
      }
    move();
    const double corner = left.at(0, 0);
    const auto shifted = [&](std::size_t i, std::size_t j) { return i < size && j < size ? left.at(i, j) : 0.0; };
    for (std::size_t i = 0; i < size; ++i)
      for (std::size_t j = 0; j < size; ++j)
        variance.at(i, j) = ar_at(i) * ar_at(j) * corner + ar_at(i) * shifted(0, j + 1) + ar_at(j) * shifted(i + 1, 0) +
                            shifted(i + 1, j + 1) + noise[i] * noise[j];
    steady = greatest < settled;
  }
  const auto count = static_cast<double>(series.size());
  result.log_likelihood =
      -0.5 * (count * (std::log(2 * std::numbers::pi * std::max(squares / count, 1e-300)) + 1) + logs);
  for (std::size_t i = 0; i < ahead; ++i) {
    result.ahead.push_back(state[0]);
    move();
  }
  return result;
}

}  // namespace weir::ts_forecast
