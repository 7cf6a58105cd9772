#include "arima.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <set>
#include <stdexcept>

#include "arma_filter.hpp"
#include "stats/minimize.hpp"

namespace weir::ts_forecast {
namespace {

constexpr double infinite = std::numeric_limits<double>::infinity();
constexpr std::size_t most_order = 5;
constexpr std::size_t most_seasonal = 2;
constexpr int most_models = 40;

// A fit: the orders, the season, the mean, then the coefficients φ, Φ, θ, Θ.
enum Place : std::size_t {
  p_at,
  d_at,
  q_at,
  seasonal_p_at,
  seasonal_d_at,
  seasonal_q_at,
  season_at,
  mean_at,
  coefficients
};

std::size_t count_at(std::span<const double> parameters, Place place) {
  return static_cast<std::size_t>(parameters[place]);
}

/// The partial autocorrelations of a stationary autoregression to its coefficients (Monahan 1984).
void from_partials(std::span<double> values) {
  std::vector<double> before;
  for (std::size_t k = 1; k < values.size(); ++k) {
    before.assign(values.begin(), values.begin() + static_cast<std::ptrdiff_t>(k));
    for (std::size_t i = 0; i < k; ++i) values[i] -= values[k] * before[k - 1 - i];
  }
}

/// 1 − Σ φ B^i times 1 − Σ Φ B^(m i), as the coefficients of an autoregression.
std::vector<double> multiplied(std::span<const double> plain, std::span<const double> seasonal, std::size_t season) {
  std::vector<double> result(plain.size() + seasonal.size() * season, 0);
  std::copy(plain.begin(), plain.end(), result.begin());
  for (std::size_t j = 0; j < seasonal.size(); ++j) {
    result[(j + 1) * season - 1] += seasonal[j];
    for (std::size_t i = 0; i < plain.size(); ++i) result[(j + 1) * season + i] -= seasonal[j] * plain[i];
  }
  return result;
}

std::vector<double> differenced(std::span<const double> values, std::size_t lag, std::size_t times) {
  std::vector<double> result(values.begin(), values.end());
  for (; times > 0 && result.size() > lag; --times) {
    for (std::size_t i = result.size() - 1; i >= lag; --i) result[i] -= result[i - lag];
    result.erase(result.begin(), result.begin() + static_cast<std::ptrdiff_t>(lag));
  }
  return result;
}

/// An ARMA process for the differenced series.
struct Process {
  explicit Process(std::span<const double> parameters) {
    const std::size_t season = count_at(parameters, season_at);
    auto take = [&, at = std::size_t{coefficients}](Place place) mutable {
      const std::size_t count = count_at(parameters, place);
      at += count;
      return parameters.subspan(at - count, count);
    };
    const auto p = take(p_at);
    const auto seasonal_p = take(seasonal_p_at);
    const auto q = take(q_at);
    const auto seasonal_q = take(seasonal_q_at);
    ar = multiplied(p, seasonal_p, season);
    // 1 + Σ θ B^i is 1 − Σ (−θ) B^i.
    std::vector<double> plain(q.begin(), q.end());
    std::vector<double> far(seasonal_q.begin(), seasonal_q.end());
    for (auto* each : {&plain, &far})
      for (double& value : *each) value = -value;
    ma = multiplied(plain, far, season);
    for (double& value : ma) value = -value;
  }
  std::vector<double> ar;
  std::vector<double> ma;
};

ArmaPass filtered(std::span<const double> values, std::span<const double> parameters, std::size_t ahead) {
  std::vector<double> series =
      differenced(differenced(values, count_at(parameters, season_at), count_at(parameters, seasonal_d_at)), 1,
                  count_at(parameters, d_at));
  for (double& value : series) value -= parameters[mean_at];
  const Process process(parameters);
  ArmaPass pass = filter_arma(series, process.ar, process.ma, ahead);
  for (double& value : pass.ahead) value += parameters[mean_at];
  return pass;
}

struct Found {
  Parameters parameters;
  double value = infinite;      ///< −2 log-likelihood
  double criterion = infinite;  ///< AICc
};

/// The likeliest model of these orders.
Found search(std::span<const double> values, const ArimaOrders& orders, std::size_t season) {
  const std::vector<double> series = differenced(differenced(values, season, orders.seasonal_d), 1, orders.d);
  const bool has_mean = orders.d + orders.seasonal_d == 0;
  const std::array<std::size_t, 4> counts{orders.p, orders.seasonal_p, orders.q, orders.seasonal_q};
  const std::size_t searched = counts[0] + counts[1] + counts[2] + counts[3];
  Parameters parameters(coefficients + searched, 0);
  parameters[p_at] = static_cast<double>(orders.p);
  parameters[d_at] = static_cast<double>(orders.d);
  parameters[q_at] = static_cast<double>(orders.q);
  parameters[seasonal_p_at] = static_cast<double>(orders.seasonal_p);
  parameters[seasonal_d_at] = static_cast<double>(orders.seasonal_d);
  parameters[seasonal_q_at] = static_cast<double>(orders.seasonal_q);
  parameters[season_at] = static_cast<double>(season);
  double mean = 0;
  for (const double value : series) mean += value / static_cast<double>(series.size());
  double spread = 0;
  for (const double value : series) spread += (value - mean) * (value - mean);
  spread = std::sqrt(spread / static_cast<double>(series.size()));

  // Partial autocorrelations, as tanh(x); those of θ with the other sign.
  std::vector<Variable> variables(searched, Variable{-6, 6, 1});
  if (has_mean) variables.push_back({-infinite, infinite, std::max({spread, 1e-6 * std::fabs(mean), 1e-100})});
  const Process none(parameters);
  std::vector<double> centred(series.size());
  const auto place = [&](std::span<const double> x) {
    std::size_t at = 0;
    for (std::size_t block = 0; block < counts.size(); ++block) {
      const std::span<double> part(parameters.data() + coefficients + at, counts[block]);
      for (double& each : part) each = std::tanh(x[at++]);
      from_partials(part);
      if (block >= 2)
        for (double& each : part) each = -each;
    }
    parameters[mean_at] = has_mean ? x[at] : 0;
  };
  const auto value_of = [&](std::span<const double> x) {
    place(x);
    for (std::size_t i = 0; i < series.size(); ++i) centred[i] = series[i] - parameters[mean_at];
    const Process process(parameters);
    return -2 * filter_arma(centred, process.ar, process.ma, 0).log_likelihood;
  };
  Found best;
  for (const double first : {0.1, 0.5}) {
    std::vector<double> from(searched, first);
    if (has_mean) from.push_back(mean);
    const Minimum minimum = minimize(value_of, std::move(from), variables, 200);
    if (!(minimum.value < best.value)) continue;
    place(minimum.at);
    best.parameters = parameters;
    best.value = minimum.value;
  }
  const auto count = static_cast<double>(variables.size() + 1);
  const auto size = static_cast<double>(series.size());
  if (size > count + 1) best.criterion = best.value + 2 * count + 2 * count * (count + 1) / (size - count - 1);
  return best;
}

/// The statistic of Kwiatkowski, Phillips, Schmidt and Shin for a level, with 3 √n / 13 lags, as ndiffs() of R.
double kpss(std::span<const double> values) {
  const auto size = static_cast<double>(values.size());
  double mean = 0;
  for (const double value : values) mean += value / size;
  double sum = 0;
  double sums = 0;
  double variance = 0;
  for (const double value : values) {
    sum += value - mean;
    sums += sum * sum;
    variance += (value - mean) * (value - mean);
  }
  const auto lags = static_cast<std::size_t>(3 * std::sqrt(size) / 13);
  for (std::size_t lag = 1; lag <= lags; ++lag) {
    double product = 0;
    for (std::size_t t = lag; t < values.size(); ++t) product += (values[t] - mean) * (values[t - lag] - mean);
    variance += 2 * (1 - static_cast<double>(lag) / static_cast<double>(lags + 1)) * product;
  }
  return variance > 0 ? sums / (size * variance) : 0;
}

/// Whether the slots of the season explain more than 64 % of what a moving mean leaves, as nsdiffs() of R has it.
bool is_strongly_seasonal(std::span<const double> values, std::size_t season) {
  if (season < 2 || values.size() < 3 * season) return false;
  const std::size_t half = season / 2;
  std::vector<double> rest;
  std::vector<double> sums(season, 0);
  std::vector<double> counts(season, 0);
  for (std::size_t t = half; t + half < values.size(); ++t) {
    double mean = 0;
    for (std::size_t i = t - half; i <= t + half; ++i)
      mean +=
          (season % 2 == 0 && (i == t - half || i == t + half) ? 0.5 : 1.0) * values[i] / static_cast<double>(season);
    rest.push_back(values[t] - mean);
    sums[t % season] += rest.back();
    ++counts[t % season];
  }
  double with = 0;
  double without = 0;
  for (std::size_t i = 0; i < rest.size(); ++i) {
    const std::size_t slot = (i + half) % season;
    const double left = rest[i] - sums[slot] / counts[slot];
    with += rest[i] * rest[i];
    without += left * left;
  }
  return with > 0 && 1 - without / with > 0.64;
}

std::size_t season_of(const Calendar& calendar) {
  const std::size_t season = calendar.shortest();
  return season <= Arima::most_season ? season : 1;
}

/// Steps from model to model while the criterion falls.
Found best_of(std::span<const double> values, std::size_t season) {
  ArimaOrders orders;
  orders.seasonal_d = is_strongly_seasonal(values, season) ? 1 : 0;
  std::vector<double> series = differenced(values, season, orders.seasonal_d);
  for (; orders.d < 2 && kpss(series) > 0.463; ++orders.d) series = differenced(series, 1, 1);
  Found best;
  ArimaOrders at = orders;
  std::set<std::array<std::size_t, 4>> seen;
  const auto attempt = [&](std::array<std::size_t, 4> counts) {
    if (seen.size() >= most_models || !seen.insert(counts).second) return false;
    ArimaOrders trial = orders;
    trial.p = counts[0], trial.q = counts[1], trial.seasonal_p = counts[2], trial.seasonal_q = counts[3];
    Found found = search(values, trial, season);
    if (!(found.criterion < best.criterion)) return false;
    best = std::move(found);
    at = trial;
    return true;
  };
  const std::size_t seasonal = season > 1 ? 1 : 0;
  attempt({2, 2, seasonal, seasonal});
  attempt({0, 0, 0, 0});
  attempt({1, 0, seasonal, 0});
  attempt({0, 1, 0, seasonal});
  for (bool better = true; better;) {
    better = false;
    const std::array<std::size_t, 4> now{at.p, at.q, at.seasonal_p, at.seasonal_q};
    static constexpr std::array<std::array<int, 4>, 16> moves{{{1, 0, 0, 0},
                                                               {-1, 0, 0, 0},
                                                               {0, 1, 0, 0},
                                                               {0, -1, 0, 0},
                                                               {1, 1, 0, 0},
                                                               {-1, -1, 0, 0},
                                                               {0, 0, 1, 0},
                                                               {0, 0, -1, 0},
                                                               {0, 0, 0, 1},
                                                               {0, 0, 0, -1},
                                                               {0, 0, 1, 1},
                                                               {0, 0, -1, -1},
                                                               {1, -1, 0, 0},
                                                               {-1, 1, 0, 0},
                                                               {0, 0, 1, -1},
                                                               {0, 0, -1, 1}}};
    for (const auto& move : moves) {
      std::array<std::size_t, 4> next{};
      bool possible = true;
      for (std::size_t i = 0; i < next.size(); ++i) {
        const int count = static_cast<int>(now[i]) + move[i];
        const std::size_t most = i < 2 ? most_order : season > 1 ? most_seasonal : 0;
        possible = possible && count >= 0 && static_cast<std::size_t>(count) <= most;
        next[i] = static_cast<std::size_t>(std::max(count, 0));
      }
      if (possible && attempt(next)) {
        better = true;
        break;
      }
    }
  }
  return best;
}

}  // namespace

ArimaOrders ArimaOrders::parse(const std::string& text) {
  std::array<std::size_t, 6> numbers{};
  const std::size_t count = (text.size() + 1) / 2;
  bool good = text.size() % 2 == 1 && (count == 3 || count == 6);
  for (std::size_t i = 0; good && i < text.size(); ++i) {
    good = i % 2 == 1 ? text[i] == ',' : text[i] >= '0' && text[i] <= '5';
    if (i % 2 == 0) numbers[i / 2] = static_cast<std::size_t>(text[i] - '0');
  }
  if (!good || numbers[1] + numbers[4] > 3 || numbers[3] > 2 || numbers[4] > 1 || numbers[5] > 2)
    throw std::invalid_argument(
        "--arima: '" + text +
        "' is not p,d,q or p,d,q,P,D,Q, such as 0,1,1,0,1,1: p, d and q are 0 to 5, P and Q 0 to "
        "2, D is 0 or 1, d + D at most 3");
  return {numbers[0], numbers[1], numbers[2], numbers[3], numbers[4], numbers[5]};
}

std::size_t Arima::least(const Calendar& calendar) const {
  const std::size_t season = season_of(calendar);
  if (!orders_) return season > 1 ? 3 * season : 8;
  const std::size_t lost =
      orders_->d + season * (orders_->seasonal_d + std::max(orders_->seasonal_p, orders_->seasonal_q));
  return lost + orders_->p + orders_->q + 6;
}

Parameters Arima::fit(const Past& past) const {
  const std::size_t season = season_of(past.calendar);
  if (!orders_) return best_of(past.values, season).parameters;
  ArimaOrders orders = *orders_;
  if (season == 1) orders.seasonal_p = orders.seasonal_d = orders.seasonal_q = 0;
  return search(past.values, orders, season).parameters;
}

bool Arima::forecast(const Past& past, const Parameters& parameters, std::span<double> ahead) const {
  if (parameters.size() < coefficients) return false;
  const std::size_t season = count_at(parameters, season_at);
  const std::size_t seasonal_d = count_at(parameters, seasonal_d_at);
  const std::size_t d = count_at(parameters, d_at);
  if (past.size() <= d + season * seasonal_d) return false;
  const ArmaPass pass = filtered(past.values, parameters, ahead.size());
  if (pass.ahead.size() != ahead.size()) return false;
  std::copy(pass.ahead.begin(), pass.ahead.end(), ahead.begin());
  // Differences are taken back in turn: the last taken first.
  const auto add_back = [&](const std::vector<double>& before, std::size_t lag) {
    for (std::size_t i = 0; i < ahead.size(); ++i)
      ahead[i] += i < lag ? before[before.size() - lag + i] : ahead[i - lag];
  };
  const std::vector<double> deseasoned = differenced(past.values, season, seasonal_d);
  for (std::size_t i = d; i-- > 0;) add_back(differenced(deseasoned, 1, i), 1);
  for (std::size_t i = seasonal_d; i-- > 0;) add_back(differenced(past.values, season, i), season);
  return is_finite(ahead);
}

double Arima::log_likelihood(const Past& past, const Parameters& parameters) {
  return filtered(past.values, parameters, 0).log_likelihood;
}

}  // namespace weir::ts_forecast
