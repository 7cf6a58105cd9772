#include "scaling.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <stdexcept>
#include <utility>

namespace weir::anomaly_score {

double unit_of(std::string_view number) {
  static constexpr std::array<double, 16> units{1,    1e-1, 1e-2,  1e-3,  1e-4,  1e-5,  1e-6,  1e-7,
                                                1e-8, 1e-9, 1e-10, 1e-11, 1e-12, 1e-13, 1e-14, 1e-15};
  std::size_t decimals = 0;
  bool point = false;
  for (const char c : number) {
    if (c == '.')
      point = true;
    else if (c == 'e' || c == 'E')
      return 0;
    else if (point)
      ++decimals;
  }
  return units[std::min(decimals, units.size() - 1)];
}

Scaling::Scaling(const TrainingRows& rows) : means_(rows.width), scales_(rows.width), row_(rows.width) {
  for (std::size_t i = 0; i < rows.width; ++i) {
    const auto [least, most] = [&] {
      double low = rows.values[i];
      double high = low;
      for (std::size_t at = i; at < rows.values.size(); at += rows.width) {
        low = std::min(low, rows.values[at]);
        high = std::max(high, rows.values[at]);
        means_[i] += rows.values[at] / static_cast<double>(rows.count());
      }
      return std::pair(low, high);
    }();
    double squares = 0;
    for (std::size_t at = i; at < rows.values.size(); at += rows.width) {
      const double difference = rows.values[at] - means_[i];
      squares += difference * difference;
    }
    if (least == most) {
      means_[i] = least;
      squares = 0;
      ++constant_;
    }
    scales_[i] = std::max(std::sqrt(squares / static_cast<double>(rows.count())), rows.units[i]);
    if (!(scales_[i] > 0)) scales_[i] = 1;
  }
}

Scaling::Scaling(const ModelLine& line, std::size_t width)
    : means_(line.numbers(ModelLine::means, width)), scales_(line.numbers(ModelLine::scales, width)), row_(width) {
  if (std::any_of(scales_.begin(), scales_.end(), [](double scale) { return !(scale > 0); }))
    throw std::invalid_argument("one of its scales is not above 0");
}

std::span<const double> Scaling::scaled(std::span<const double> row) {
  for (std::size_t i = 0; i < row_.size(); ++i) row_[i] = (row[i] - means_[i]) / scales_[i];
  return row_;
}

std::vector<double> Scaling::scaled(const TrainingRows& rows) {
  std::vector<double> all;
  all.reserve(rows.values.size());
  for (std::size_t at = 0; at < rows.values.size(); at += rows.width) {
    const std::span<const double> row = scaled(rows.values.subspan(at, rows.width));
    all.insert(all.end(), row.begin(), row.end());
  }
  return all;
}

double Scaling::rounding(const TrainingRows& rows) const {
  double sum = 0;
  for (std::size_t i = 0; i < rows.width; ++i) sum += rows.units[i] / scales_[i] * (rows.units[i] / scales_[i]);
  return sum;
}

void Scaling::append_to(std::string& line) const {
  append_part(line, ModelLine::means, means_);
  append_part(line, ModelLine::scales, scales_);
}

}  // namespace weir::anomaly_score
