// An additive model: a line with bends, seasons as sums of waves, holidays.
#pragma once
#include "model.hpp"

namespace weir::ts_forecast {

/// y(t) = line with bends + waves + holidays + noise, as Prophet's (Taylor, Letham 2018) with its default priors. The
/// bends lie at up to 25 even places in the first 80 % of the past. The line goes on as it last went.
///
/// Fitted by maximum a posteriori: waves and holidays have normal priors, bends Laplace ones, which keep most of them
/// 0. Values are divided by the greatest amount, and time runs from 0 to 1.
class Additive : public Model {
 public:
  std::string_view name() const override { return "additive"; }
  std::size_t least(const Calendar&) const override { return 6; }
  bool forecast(const Past& past, const Parameters& parameters, std::span<double> ahead) const override;
};

}  // namespace weir::ts_forecast
