// The day's temperature as a picture.
#pragma once
#include <string>

#include "day_summary.hpp"

namespace weir::summary_mail {

/// A PNG of 816 × 204 pixels, to be shown 544 wide: the temperature over the local day, with morning and
/// evening shaded and the lowest and highest written beside their points. The line is broken where more than three
/// hours lack. Empty when the day has no temperature. Throws std::runtime_error when cairo fails.
std::string draw_day_chart(const CityDay& day);

}  // namespace weir::summary_mail
