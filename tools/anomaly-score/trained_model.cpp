#include "trained_model.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <iterator>
#include <stdexcept>
#include <utility>

#include "component_model.hpp"
#include "isolation_forest.hpp"
#include "record/number.hpp"
#include "region_model.hpp"

namespace weir::anomaly_score {
namespace {

constexpr std::array<const char*, ModelLine::part_count> part_names{
    "trees",   "samples", "limit",     "means", "scales",   "gamma",  "rho",
    "weights", "vectors", "variances", "axes",  "t2_limit", "q_limit"};

/// What the sums over the trees may be too large by: of equal records none is beyond the limit.
constexpr double rounding = 1e-9;

/// An isolation forest with its own scale: with a limit of 0.5 the score is the forest's.
class ForestModel : public TrainedModel {
 public:
  explicit ForestModel(IsolationForest forest) : forest_(std::move(forest)) {}
  Finding judge(std::span<const double> row, std::optional<double> limit) override {
    const double strength = forest_.score(row);
    const double most = limit.value_or(forest_.limit());
    if (strength <= most * (1 + rounding)) {
      Finding finding = finding_of(1, Cause::isolated);
      finding.score = std::min(finding.score, strength / most / 2);
      finding.strength = strength;
      return finding;
    }
    Finding finding;
    finding.score = 0.5 + (strength - most) / (1 - most) / 2;
    finding.strength = strength;
    finding.cause = Cause::isolated;
    return finding;
  }
  void append_to(std::string& line) const override {
    append_part(line, ModelLine::samples, static_cast<double>(forest_.samples()));
    append_part(line, ModelLine::limit, forest_.limit());
    line += ",\"trees\":" + forest_.text();
  }

 private:
  IsolationForest forest_;
};

}  // namespace

Finding finding_of(double strength, Cause cause) {
  Finding finding;
  const bool beyond = strength > 1;
  finding.strength = strength;
  // What is as strange as the limit is not beyond it: of constant records all are.
  finding.score = beyond ? 1 - 1 / (1 + strength) : std::min(strength / (1 + strength), 0.49999);
  finding.cause = beyond ? cause : Cause::none;
  return finding;
}

ModelLine::ModelLine(FieldSet& fields) {
  for (std::size_t i = 0; i < part_count; ++i) ids_[i] = fields.add(part_names[i]);
}

double ModelLine::number(Part part, double least, double most) const {
  const std::optional<double> value = (*line_)[ids_[part]].number();
  if (!value) throw std::invalid_argument(fmt::format("its {} is missing, or not a number", part_names[part]));
  if (!(*value >= least && *value <= most))
    throw std::invalid_argument(
        fmt::format("its {} is {}, and not from {} to {}", part_names[part], *value, least, most));
  return *value;
}

std::vector<double> ModelLine::numbers(Part part, std::optional<std::size_t> count) const {
  const auto fail = [part] {
    throw std::invalid_argument(fmt::format("its {} are not a list of numbers", part_names[part]));
  };
  std::string_view text = raw(part);
  if (text.size() < 2 || text.front() != '[' || text.back() != ']') fail();
  text = text.substr(1, text.size() - 2);
  std::vector<double> values;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(','), text.size());
    double value = 0;
    if (!parse_json_number(text.substr(0, end), value)) fail();
    values.push_back(value);
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  if (count && values.size() != *count)
    throw std::invalid_argument(
        fmt::format("its {} are {} numbers, and not {}", part_names[part], values.size(), *count));
  return values;
}

void append_part(std::string& out, ModelLine::Part part, double value) {
  fmt::format_to(std::back_inserter(out), ",\"{}\":", part_names[part]);
  append_number(out, value);
}

void append_part(std::string& out, ModelLine::Part part, std::span<const double> values) {
  fmt::format_to(std::back_inserter(out), ",\"{}\":[", part_names[part]);
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (i > 0) out += ',';
    append_number(out, values[i]);
  }
  out += ']';
}

std::unique_ptr<TrainedModel> train_model(const TrainingRows& rows, const Settings& settings, std::uint64_t seed) {
  if (settings.method == Method::svm) return std::make_unique<RegionModel>(rows, settings, seed);
  if (settings.method == Method::pca) return std::make_unique<ComponentModel>(rows, settings);
  const IsolationForest::Training training{settings.trees.value_or(100), settings.samples.value_or(256),
                                           settings.contamination};
  return std::make_unique<ForestModel>(IsolationForest(rows.values, rows.width, training, seed));
}

std::unique_ptr<TrainedModel> read_model(const ModelLine& line, Method method, std::size_t width) {
  if (method == Method::svm) return std::make_unique<RegionModel>(line, width);
  if (method == Method::pca) return std::make_unique<ComponentModel>(line, width);
  const double samples = line.number(ModelLine::samples, 1, 1e9);
  if (samples != std::floor(samples)) throw std::invalid_argument("its samples are not a whole number");
  return std::make_unique<ForestModel>(IsolationForest(
      line.raw(ModelLine::trees), width, static_cast<std::uint64_t>(samples), line.number(ModelLine::limit, 0, 1)));
}

}  // namespace weir::anomaly_score
