#include "plan.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <stdexcept>

#include "time/count_or_duration.hpp"

namespace weir::anomaly_score {
namespace {

// The limits of the ensemble, its hold and its escalation were tuned on half of the Numenta Anomaly Benchmark.
constexpr double spike_of_ensemble = 6.5;
constexpr double level_of_ensemble = 2.4;
constexpr double shape_of_ensemble = 3;
constexpr std::size_t level_values_of_ensemble = 16;
constexpr double escalation_of_ensemble = 1.55;
constexpr const char* hold_of_ensemble = "116";

double share_of(double half_life) { return 1 - std::exp2(-1 / half_life); }

void check_positive(double value, const char* option) {
  if (!(value > 0) || !std::isfinite(value))
    throw std::invalid_argument(std::string(option) + " must be greater than 0");
}

/// Settings of a model that is trained beforehand.
void check_trained(const Settings& settings) {
  if (settings.train.empty() && settings.model.empty())
    throw std::invalid_argument("--method iforest, svm and pca need --model, and --train to make one");
  if (settings.rate)
    throw std::invalid_argument("--rate does not go with a trained model: --contamination sets its limit");
  if (settings.method == Method::iforest && settings.limit && *settings.limit >= 1)
    throw std::invalid_argument("--limit of --method iforest must lie below 1");
}

/// What only training reads.
void check_training(const Settings& settings) {
  const auto check_share = [](const std::optional<double>& value, const char* option, double most) {
    if (value && !(*value > 0 && *value <= most))
      throw std::invalid_argument(fmt::format("{} {}: give a share above 0, at most {}", option, *value, most));
  };
  if (!is_trained(settings.method) && !(settings.model.empty() && settings.train.empty()))
    throw std::invalid_argument("--model and --train are of --method iforest, svm and pca");
  if (!settings.train.empty() && settings.model.empty())
    throw std::invalid_argument("--train needs --model, where to write");
  check_share(settings.contamination, "--contamination", 0.5);
  check_share(settings.nu, "--nu", 0.99);
  check_share(settings.variance, "--variance", 1);
  if (settings.gamma) check_positive(*settings.gamma, "--gamma");
  const auto belongs = [&](bool given, const char* option, const char* method) {
    if (given) throw std::invalid_argument(fmt::format("{} is of --train with --method {}", option, method));
  };
  const bool trains = !settings.train.empty();
  if (settings.contamination && !trains)
    throw std::invalid_argument("--contamination is of --train: it becomes part of the trained model");
  belongs((settings.nu || settings.gamma) && !(trains && settings.method == Method::svm),
          settings.nu ? "--nu" : "--gamma", "svm");
  belongs(settings.variance && !(trains && settings.method == Method::pca), "--variance", "pca");
}

}  // namespace

Plan::Plan(const Settings& settings)
    : form(settings.form),
      window(settings.window.value_or(settings.method == Method::rcf ? 4 : 8)),
      memory(settings.memory),
      slots(settings.form == Form::seasonal ? settings.slots : 1),
      season(settings.season),
      trees(settings.trees.value_or(settings.method == Method::rcf ? 20 : 100)),
      samples(settings.samples.value_or(settings.method == Method::rcf ? 128 : 256)),
      seed(settings.seed),
      limit(settings.limit),
      rate(settings.rate),
      share(share_of(settings.half_life)),
      level_share(share_of(settings.half_life / 3)),
      min_samples(settings.min_samples),
      floor(settings.floor.value_or(settings.form == Form::running ? 0.1 : -1)),
      gap(settings.gap),
      no_learn_above(settings.no_learn_above),
      relearn(settings.relearn) {
  check_positive(settings.half_life, "--half-life");
  if (settings.limit) check_positive(*settings.limit, "--limit");
  if (settings.floor && !(*settings.floor >= 0)) throw std::invalid_argument("--floor must not be negative");
  if (rate && !(*rate > 0 && *rate < 0.02)) throw std::invalid_argument("--rate must lie between 0 and 0.02");
  if (settings.limit && rate) throw std::invalid_argument("--limit and --rate: give one of them");
  if (season <= Duration::zero()) throw std::invalid_argument("--season must be longer than 0");
  if (no_learn_above && !(*no_learn_above > 0 && *no_learn_above < 1))
    throw std::invalid_argument("--no-learn-above must lie between 0 and 1");
  const auto add = [this](Sense sense, double most) { detectors[detector_count++] = {sense, most}; };
  switch (settings.method) {
    case Method::z:
      if (settings.smooth > 1) {
        if (form == Form::running) throw std::invalid_argument("--smooth needs --form robust or seasonal");
        level_values = settings.smooth;
        add(Sense::level, settings.limit.value_or(4));
      } else {
        add(Sense::spike, settings.limit.value_or(form == Form::running ? 3 : 4));
      }
      break;
    case Method::novelty:
      needs_baseline = false;
      needs_shape = true;
      add(Sense::shape, settings.limit.value_or(3));
      break;
    case Method::rcf:
      is_joint = true;
      needs_baseline = false;
      add(Sense::forest, settings.limit.value_or(2));
      break;
    case Method::iforest:
    case Method::svm:
    case Method::pca:
      check_trained(settings);
      is_joint = true;
      needs_baseline = false;
      break;
    case Method::ensemble:
      if (form == Form::running) throw std::invalid_argument("--method ensemble needs --form robust or seasonal");
      needs_shape = true;
      level_values = settings.smooth > 1 ? settings.smooth : level_values_of_ensemble;
      const double scale = settings.limit.value_or(1);
      add(Sense::spike, scale * spike_of_ensemble);
      add(Sense::level, scale * level_of_ensemble);
      add(Sense::shape, scale * shape_of_ensemble);
      break;
  }
  check_training(settings);
  if (needs_shape && window < 2) throw std::invalid_argument("--window of novelty must be at least 2");
  const bool ensemble = settings.method == Method::ensemble;
  const double factor = settings.escalate.value_or(ensemble ? escalation_of_ensemble : 1);
  if (!(factor >= 1 && factor <= 100)) throw std::invalid_argument("--escalate must be at least 1");
  escalation = std::log(factor);
  settling = std::exp2(-1 / static_cast<double>(settings.settle));
  const std::string hold = settings.hold.value_or(ensemble ? hold_of_ensemble : "0");
  const CountOrDuration held = read_count_or_duration("--hold", hold, {"records", 0, 999'999'999});
  held_records = held.count.value_or(0);
  held_time = held.length;
}

}  // namespace weir::anomaly_score
