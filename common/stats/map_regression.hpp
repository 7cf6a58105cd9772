// Linear regression with priors, by maximum a posteriori.
#pragma once
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "stats/normal_equations.hpp"

namespace weir {

/// What is known of a coefficient beforehand: its mean is 0.
struct Prior {
  enum class Kind : std::uint8_t { normal, laplace } kind = Kind::normal;
  double scale = 1;
};

/// The coefficients of a linear model with normal noise of unknown size σ, of half-normal prior with `noise_scale`:
/// those with σ that minimise n ln σ + |y − Xb|² / 2σ² + Σ b² / 2s² (normal) + Σ |b| / s (Laplace) + σ² / 2
/// noise_scale². Given σ that is convex, and is solved by coordinates; σ given b is a root. Nothing where that
/// is not finite.
std::optional<std::vector<double>> fit_map(const NormalEquations& equations, std::span<const Prior> priors,
                                           double noise_scale);

}  // namespace weir
