// A chart of the day's temperature.
#pragma once
#include <string>

#include "day_summary.hpp"

namespace weir::summary_mail {

/// A PNG of 816 × 204 pixels, to be shown 544 wide: the temperature over the local day. Morning and evening are shaded;
/// the lowest and highest value stand beside their points. A gap of more than three hours breaks the line.
///
/// Empty when the day has no temperature. Throws std::runtime_error when cairo fails.
std::string draw_day_chart(const CityDay& day);

}  // namespace weir::summary_mail
