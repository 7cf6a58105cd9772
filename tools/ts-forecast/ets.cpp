#include "smoothing.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>
#include <stdexcept>

#include "stats/minimize.hpp"

namespace weir::ts_forecast {
namespace {

constexpr double infinite = std::numeric_limits<double>::infinity();
constexpr double least_share = 1e-4;  ///< of alpha in 0 … 1, beta in 0 … alpha, gamma in 0 … 1 − alpha
constexpr double least_damping = 0.8;
constexpr double most_damping = 0.98;

// A fit: the form, then alpha, beta, gamma, phi, the level, the trend, and the season's states, the last of which is
// not searched.
enum Place : std::size_t { error_at, trend_at, damped_at, season_at, alpha, beta, gamma, phi, level, trend, seasons };

/// Runs the model over values, and on for as many as `ahead` has.
class Run {
 public:
  Run(std::span<const double> parameters)
      : multiplies_error_(parameters[error_at] == 'M'),
        has_trend_(parameters[trend_at] != 'N'),
        season_(static_cast<char>(parameters[season_at])),
        parameters_(parameters),
        level_(parameters[level]),
        trend_(parameters[trend]),
        states_(parameters.begin() + seasons, parameters.end()) {}

  /// −2 log-likelihood but for a constant; infinite where the model cannot have made the values.
  double pass(std::span<const double> values) {
    double squares = 0;
    double logs = 0;
    for (const double value : values) {
      const double expected = next();
      double error = value - expected;
      if (multiplies_error_) {
        if (!(expected > 0)) return infinite;
        error /= expected;
        logs += std::log(expected);
      }
      squares += error * error;
      learn(value, expected);
      if (!std::isfinite(level_)) return infinite;
    }
    const auto size = static_cast<double>(values.size());
    return size * std::log(std::max(squares / size, std::numeric_limits<double>::min())) + 2 * logs;
  }

  void forecast(std::span<double> ahead) {
    double damped = 0;
    double power = 1;
    for (std::size_t i = 0; i < ahead.size(); ++i) {
      power *= parameters_[phi];
      damped += power;
      double value = level_ + (has_trend_ ? damped * trend_ : 0);
      if (season_ != 'N') {
        const double season = states_[(slot_ + i) % states_.size()];
        value = season_ == 'M' ? value * season : value + season;
      }
      ahead[i] = value;
    }
  }

 private:
  double next() const {
    const double base = level_ + (has_trend_ ? parameters_[phi] * trend_ : 0);
    if (season_ == 'N') return base;
    return season_ == 'M' ? base * states_[slot_] : base + states_[slot_];
  }

  /// The same recursions hold for additive and multiplicative errors, when they are written by e = y − expected.
  void learn(double value, double expected) {
    const double error = value - expected;
    const double drift = has_trend_ ? parameters_[phi] * trend_ : 0;
    const double base = level_ + drift;
    double share = error;
    if (season_ == 'M') {
      share = multiplies_error_ ? error * base / expected : error / states_[slot_];
      states_[slot_] += parameters_[gamma] * error / base;
    } else if (season_ == 'A') {
      states_[slot_] += parameters_[gamma] * error;
    }
    level_ = base + parameters_[alpha] * share;
    if (has_trend_) trend_ = drift + parameters_[beta] * share;
    if (season_ != 'N' && ++slot_ == states_.size()) slot_ = 0;
  }

  bool multiplies_error_;
  bool has_trend_;
  char season_;
  std::span<const double> parameters_;
  double level_;
  double trend_;
  std::vector<double> states_;
  std::size_t slot_ = 0;
};

/// A straight line through the values, and the mean distance of each slot from it: where the search begins.
struct Start {
  double level = 0;
  double trend = 0;
  std::vector<double> seasons;
};

Start start_of(std::span<const double> values, const EtsForm& form, std::size_t season) {
  const std::size_t size = std::min(values.size(), std::max<std::size_t>(10, 5 * season));
  const double middle = static_cast<double>(size - 1) / 2;
  double mean = 0;
  double slope = 0;
  double spread = 0;
  for (std::size_t i = 0; i < size; ++i) mean += values[i] / static_cast<double>(size);
  for (std::size_t i = 0; i < size; ++i) {
    const double x = static_cast<double>(i) - middle;
    slope += x * values[i];
    spread += x * x;
  }
  Start start;
  slope = form.trend == 'N' || spread == 0 ? 0 : slope / spread;
  start.trend = slope;
  start.level = mean - slope * (middle + 1);
  if (form.season == 'N') return start;
  start.seasons.assign(season, 0);
  std::vector<double> counts(season, 0);
  for (std::size_t i = 0; i < size; ++i) {
    const double line = mean + slope * (static_cast<double>(i) - middle);
    start.seasons[i % season] += form.season == 'M' ? (line != 0 ? values[i] / line : 1) : values[i] - line;
    ++counts[i % season];
  }
  for (std::size_t slot = 0; slot < season; ++slot) start.seasons[slot] /= std::max(counts[slot], 1.0);
  return start;
}

struct Found {
  Parameters parameters;
  double value = infinite;  ///< −2 log-likelihood
  std::size_t searched = 0;
};

/// The likeliest model of a form.
Found search(std::span<const double> values, const EtsForm& form, std::size_t season) {
  const Start start = start_of(values, form, season);
  const auto [least, greatest] = std::minmax_element(values.begin(), values.end());
  const double unit = std::max({*greatest - *least, 1e-6 * std::fabs(*greatest), 1e-100});
  std::vector<Variable> variables{{least_share, 1 - least_share, 0.3}};
  std::vector<double> from{0};
  const auto add = [&](Variable variable, double first) {
    variables.push_back(variable);
    from.push_back(first);
  };
  if (form.trend != 'N') add({least_share, 1 - least_share, 0.3}, 0.1);
  if (form.season != 'N') add({least_share, 1 - least_share, 0.3}, 0.1);
  if (form.damped) add({least_damping, most_damping, 0.1}, 0.95);
  add({-infinite, infinite, unit}, start.level);
  if (form.trend != 'N') add({-infinite, infinite, unit / 10}, start.trend);
  for (std::size_t i = 0; i + 1 < start.seasons.size(); ++i)
    add(form.season == 'M' ? Variable{1e-3, 1e3, 0.3} : Variable{-infinite, infinite, unit},
        start.seasons[i] - (form.season == 'A' ? start.seasons.back() : 0));
  if (form.season == 'A')
    from[from.size() - start.seasons.size() - (form.trend != 'N' ? 1 : 0)] += start.seasons.back();

  Parameters parameters(seasons + start.seasons.size(), 0);
  parameters[error_at] = form.error;
  parameters[trend_at] = form.trend;
  parameters[damped_at] = form.damped ? 1 : 0;
  parameters[season_at] = form.season;
  if (form.season == 'M') parameters.back() = std::max(start.seasons.back(), 1e-3);
  const auto place = [&](std::span<const double> x) {
    std::size_t at = 0;
    parameters[alpha] = x[at++];
    parameters[beta] = form.trend != 'N' ? x[at++] * parameters[alpha] : 0;
    parameters[gamma] = form.season != 'N' ? x[at++] * (1 - parameters[alpha]) : 0;
    parameters[phi] = form.damped ? x[at++] : 1;
    parameters[level] = x[at++];
    parameters[trend] = form.trend != 'N' ? x[at++] : 0;
    for (std::size_t i = seasons; at < x.size(); ++i) parameters[i] = x[at++];
  };
  const auto value_of = [&](std::span<const double> x) {
    place(x);
    return Run(parameters).pass(values);
  };
  Found best;
  best.searched = variables.size();
  // Without seasons there may be a second maximum, of a level that hardly changes, and a search costs little.
  for (const double first : {0.01, 0.1, 0.5, 0.9}) {
    if (first < 0.1 && form.season != 'N') continue;
    from[0] = first;
    const Minimum minimum = minimize(value_of, from, variables);
    if (!(minimum.value < best.value)) continue;
    place(minimum.at);
    best.parameters = parameters;
    best.value = minimum.value;
  }
  return best;
}

std::size_t season_of(const Calendar& calendar) {
  const std::size_t season = calendar.shortest();
  return season <= Ets::most_season ? season : 1;
}

}  // namespace

EtsForm EtsForm::parse(const std::string& text) {
  EtsForm form;
  std::string letters = text;
  if (letters.size() == 4 && letters[2] == 'd') {
    form.damped = true;
    letters.erase(2, 1);
  }
  const auto is = [&](std::size_t at, std::string_view of) { return of.find(letters[at]) != std::string_view::npos; };
  if (letters.size() != 3 || !is(0, "AM") || !is(1, "NA") || !is(2, "NAM") || (form.damped && letters[1] == 'N'))
    throw std::invalid_argument("--ets: '" + text +
                                "' is not a form: error A or M, trend N, A or Ad, season N, A or M, such as MAdM");
  form.error = letters[0];
  form.trend = letters[1];
  form.season = letters[2];
  return form;
}

std::size_t Ets::least(const Calendar& calendar) const {
  const std::size_t season = season_of(calendar);
  return season > 1 ? 2 * season + 2 : 6;
}

Parameters Ets::fit(const Past& past) const {
  const std::size_t season = season_of(past.calendar);
  const bool positive = is_positive(past.values);
  Found best;
  double best_criterion = infinite;
  for (const char error : {'A', 'M'}) {
    for (const char season_form : {'N', 'A', 'M'}) {
      for (const int trend_form : {0, 1, 2}) {
        const EtsForm form{error, trend_form == 0 ? 'N' : 'A', trend_form == 2, season_form};
        if (form_ && form != *form_) continue;
        if (form.season != 'N' && season == 1) continue;
        if ((form.error == 'M' || form.season == 'M') && !positive) continue;
        if (!form_ && form.error == 'A' && form.season == 'M') continue;  // its variance is not finite
        const Found found = search(past.values, form, season);
        const auto count = static_cast<double>(found.searched + 1);
        const auto size = static_cast<double>(past.size());
        if (!form_ && size <= count + 1) continue;
        const double criterion =
            form_ ? found.value : found.value + 2 * count + 2 * count * (count + 1) / (size - count - 1);
        if (!(criterion < best_criterion)) continue;
        best_criterion = criterion;
        best = found;
      }
    }
  }
  return best.parameters;
}

bool Ets::forecast(const Past& past, const Parameters& parameters, std::span<double> ahead) const {
  if (parameters.size() < seasons) return false;
  Run run(parameters);
  if (run.pass(past.values) == infinite) return false;
  run.forecast(ahead);
  return is_finite(ahead);
}

double Ets::log_likelihood(const Past& past, const Parameters& parameters) {
  const auto size = static_cast<double>(past.size());
  return -0.5 * (Run(parameters).pass(past.values) + size * (std::log(2 * std::numbers::pi) + 1));
}

}  // namespace weir::ts_forecast
