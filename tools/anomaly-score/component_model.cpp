#include "component_model.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>

#include "isolation_forest.hpp"

namespace weir::anomaly_score {
namespace {

constexpr double default_variance = 0.9;
constexpr double level = 0.99;    ///< of both limits
constexpr double least_q = 1e-9;  ///< for each field: rounding of doubles is below it

const TrainingRows& enough(const TrainingRows& rows) {
  if (rows.count() > 2 * rows.width) return rows;
  throw std::invalid_argument(
      fmt::format("pca needs at least {} records of it, and there are {}", 2 * rows.width + 1, rows.count()));
}

PrincipalComponents read(const ModelLine& line, std::size_t width) {
  std::vector<double> variances = line.numbers(ModelLine::variances);
  if (variances.size() > width ||
      std::any_of(variances.begin(), variances.end(), [](double each) { return !(each > 0); }))
    throw std::invalid_argument("its variances are not those of components");
  std::vector<double> axes = line.numbers(ModelLine::axes, variances.size() * width);
  return {std::move(variances), std::move(axes), width};
}

}  // namespace

ComponentModel::ComponentModel(const TrainingRows& rows, const Settings& settings)
    : scaling_(enough(rows)),
      components_(scaling_.scaled(rows), rows.width, settings.variance.value_or(default_variance)) {
  t2_limit_ = components_.count() > 0 ? t2_limit(components_.count(), rows.count(), level) : 1;
  // What is written with few digits is off its components by as much.
  const double least = scaling_.rounding(rows) + least_q * static_cast<double>(rows.width);
  q_limit_ = std::max(q_limit(components_.left(), level), least);
  if (!settings.contamination) return;
  std::vector<double> strengths;
  for (std::size_t at = 0; at < rows.values.size(); at += rows.width)
    strengths.push_back(judge(rows.values.subspan(at, rows.width), std::nullopt).strength);
  // Where the rows are equal all are 0. The product is the limit of Q, which stays above the rounding.
  if (const double factor = quantile(std::move(strengths), 1 - *settings.contamination); factor > 0) limit_ = factor;
  q_limit_ = std::max(q_limit_, least / limit_);
}

ComponentModel::ComponentModel(const ModelLine& line, std::size_t width)
    : scaling_(line, width),
      components_(read(line, width)),
      t2_limit_(line.number(ModelLine::t2_limit, 1e-300, 1e300)),
      q_limit_(line.number(ModelLine::q_limit, 1e-300, 1e300)),
      limit_(line.number(ModelLine::limit, 1e-300, 1e300)) {}

Finding ComponentModel::judge(std::span<const double> row, std::optional<double> limit) {
  const PrincipalComponents::Distance distance = components_.distance(scaling_.scaled(row));
  const double t2 = distance.t2 / t2_limit_;
  const double q = distance.q / q_limit_;
  const bool is_apart = q > t2;
  Finding finding = finding_of(std::max(t2, q) / limit_ / limit.value_or(1), is_apart ? Cause::apart : Cause::far);
  finding.field = is_apart ? distance.q_value : distance.t2_value;
  // A value is named, and what is expected of it, only where the reason is about it.
  if (finding.cause != Cause::none)
    finding.expected = is_apart ? scaling_.unscaled(finding.field, distance.q_expected) : scaling_.mean(finding.field);
  return finding;
}

void ComponentModel::append_to(std::string& line) const {
  append_part(line, ModelLine::limit, limit_);
  append_part(line, ModelLine::t2_limit, t2_limit_);
  append_part(line, ModelLine::q_limit, q_limit_);
  scaling_.append_to(line);
  append_part(line, ModelLine::variances, components_.variances());
  append_part(line, ModelLine::axes, components_.axes());
}

}  // namespace weir::anomaly_score
