// The usual ranges of weather readings.
#pragma once
#include <string>
#include <vector>

#include "clean/range.hpp"

namespace weir::weather_advise {

using clean::CleanValue;
using clean::OutOfRange;
using clean::RangeRule;

/// The default ranges: of temperature_c, humidity, pressure, wind_speed.
const std::vector<RangeRule>& default_ranges();

/// The fields of default_ranges().
std::vector<std::string> default_fields();

/// The rules of fields with their default ranges, and of `ranges`, each `FIELD=LOW..HIGH`, which replace them. Throws
/// std::invalid_argument, naming the option.
std::vector<RangeRule> rules_of(const std::vector<std::string>& fields, const std::vector<std::string>& ranges);

}  // namespace weir::weather_advise
