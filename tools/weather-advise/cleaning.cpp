#include "cleaning.hpp"

#include <algorithm>
#include <stdexcept>
#include <utility>

namespace weir::weather_advise {

const std::vector<RangeRule>& default_ranges() {
  // Just beyond the extremes that have been measured: -89.2 and 56.7 °C, 870 and 1084 hPa at sea level (and some 330
  // hPa on the highest summit, for stations that do not reduce to it), 113 m/s. WMO keeps the list: World Weather and
  // Climate Extremes Archive.
  static const std::vector<RangeRule> ranges{
      clean::parse_range("temperature_c=-90..60"), clean::parse_range("humidity=0..100"),
      clean::parse_range("pressure=300..1100"), clean::parse_range("wind_speed=0..115")};
  return ranges;
}

std::vector<std::string> default_fields() {
  std::vector<std::string> fields;
  for (const RangeRule& rule : default_ranges()) fields.push_back(rule.field);
  return fields;
}

std::vector<RangeRule> rules_of(const std::vector<std::string>& fields, const std::vector<std::string>& ranges) {
  const auto place_of = [](const std::vector<RangeRule>& rules, const std::string& field) {
    return std::find_if(rules.begin(), rules.end(), [&field](const RangeRule& rule) { return rule.field == field; });
  };
  const std::vector<RangeRule>& usual = default_ranges();
  std::vector<RangeRule> rules;
  for (const std::string& field : fields) {
    const auto found = place_of(usual, field);
    rules.push_back(found != usual.end() ? *found : RangeRule{field, {}, {}, {}});
  }
  for (const std::string& text : ranges) {
    try {
      RangeRule given = clean::parse_range(text, clean::Actions::repairs);
      const auto index = static_cast<std::size_t>(place_of(rules, given.field) - rules.begin());
      if (index == rules.size()) rules.emplace_back();
      rules[index] = std::move(given);
    } catch (const std::invalid_argument& error) {
      throw std::invalid_argument("--range " + text + ": " + error.what());
    }
  }
  return rules;
}

}  // namespace weir::weather_advise
