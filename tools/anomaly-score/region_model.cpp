#include "region_model.hpp"

#include <algorithm>
#include <cmath>

#include "isolation_forest.hpp"
#include "state/random.hpp"

namespace weir::anomaly_score {
namespace {

constexpr std::uint64_t default_samples = 2000;  ///< the solver's time grows with the square
constexpr double default_nu = 0.01;

/// At most `most` scaled rows, by chance.
std::vector<double> sample(std::vector<double> values, std::size_t width, std::uint64_t most, Random random) {
  const std::size_t count = values.size() / width;
  if (count <= most) return values;
  for (std::size_t i = 0; i < most; ++i) {  // the first ones of a shuffle
    const std::size_t other = i + random.below(count - i);
    std::swap_ranges(values.begin() + static_cast<std::ptrdiff_t>(i * width),
                     values.begin() + static_cast<std::ptrdiff_t>((i + 1) * width),
                     values.begin() + static_cast<std::ptrdiff_t>(other * width));
  }
  values.resize(most * width);
  return values;
}

svm::OneClass trained(std::vector<double> scaled, std::size_t width, const Settings& settings, std::uint64_t seed) {
  svm::OneClass::Training training;
  training.nu = settings.nu.value_or(settings.contamination.value_or(default_nu));
  training.gamma = settings.gamma.value_or(1 / static_cast<double>(width));
  return {sample(std::move(scaled), width, settings.samples.value_or(default_samples), Random({}, seed)), width,
          training};
}

}  // namespace

RegionModel::RegionModel(const TrainingRows& rows, const Settings& settings, std::uint64_t seed)
    : scaling_(rows), machine_(trained(scaling_.scaled(rows), rows.width, settings, seed)), limit_(machine_.rho()) {
  if (settings.contamination) {
    std::vector<double> densities;
    for (std::size_t at = 0; at < rows.values.size(); at += rows.width)
      densities.push_back(machine_.density(scaling_.scaled(rows.values.subspan(at, rows.width))));
    limit_ = quantile(std::move(densities), *settings.contamination);
  }
  // Of a field that is constant in all rows one unit of the last digit may still change.
  limit_ *= std::exp(-machine_.gamma() * static_cast<double>(scaling_.constant()));
}

RegionModel::RegionModel(const ModelLine& line, std::size_t width)
    : scaling_(line, width),
      machine_(line.numbers(ModelLine::weights), line.numbers(ModelLine::vectors), width,
               line.number(ModelLine::gamma, 0, 1e300), line.number(ModelLine::rho, 0, 1e300)),
      limit_(line.number(ModelLine::limit, 0, 1e300)) {}

Finding RegionModel::judge(std::span<const double> row, std::optional<double> limit) {
  const double density = machine_.density(scaling_.scaled(row));
  const double strength = density > 0 ? limit_ / density / limit.value_or(1) : HUGE_VAL;
  return finding_of(strength, Cause::outside);
}

void RegionModel::append_to(std::string& line) const {
  append_part(line, ModelLine::limit, limit_);
  append_part(line, ModelLine::gamma, machine_.gamma());
  append_part(line, ModelLine::rho, machine_.rho());
  scaling_.append_to(line);
  append_part(line, ModelLine::weights, machine_.weights());
  append_part(line, ModelLine::vectors, machine_.vectors());
}

}  // namespace weir::anomaly_score
