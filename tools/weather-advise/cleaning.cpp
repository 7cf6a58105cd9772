#include "cleaning.hpp"

#include <algorithm>
#include <stdexcept>
#include <utility>

#include "record/number.hpp"
#include "record/trimmed.hpp"

namespace weir::weather_advise {
namespace {

std::string_view take_digits(std::string_view& text) {
  std::size_t length = 0;
  while (length < text.size() && text[length] >= '0' && text[length] <= '9') ++length;
  const std::string_view digits = text.substr(0, length);
  text.remove_prefix(length);
  return digits;
}

/// Writes a number as JSON with its own digits into `token`; returns false when it is not a number.
bool json_number_of(std::string_view text, std::string& token) {
  token.clear();
  if (!text.empty() && (text.front() == '+' || text.front() == '-')) {
    if (text.front() == '-') token += '-';
    text.remove_prefix(1);
  }
  std::string_view whole = take_digits(text);
  std::string_view fraction;
  if (text.starts_with('.')) {
    text.remove_prefix(1);
    fraction = take_digits(text);
  }
  if (whole.empty() && fraction.empty()) return false;
  while (whole.size() > 1 && whole.front() == '0') whole.remove_prefix(1);
  token += whole.empty() ? std::string_view("0") : whole;
  if (!fraction.empty()) {
    token += '.';
    token += fraction;
  }
  token += text;  // an exponent, or what is not a number
  return is_json_number(token);
}

std::optional<Limit> parse_limit(std::string_view text) {
  if (text.empty()) return std::nullopt;
  const auto value = parse_json_number(text);
  if (!value) throw std::invalid_argument("'" + std::string(text) + "' is not a number");
  return Limit{*value, std::string(text)};
}

}  // namespace

RangeRule parse_range(std::string_view text) {
  RangeRule rule;
  const std::size_t equals = text.rfind('=');
  const std::size_t dots = text.find("..", equals == std::string_view::npos ? 0 : equals);
  if (equals == std::string_view::npos || equals == 0 || dots == std::string_view::npos)
    throw std::invalid_argument("expected FIELD=LOW..HIGH, as in humidity=0..100");
  rule.field = text.substr(0, equals);
  std::string_view high = text.substr(dots + 2);
  if (const std::size_t colon = high.find(':'); colon != std::string_view::npos) {
    const std::string_view action = high.substr(colon + 1);
    if (action != "null" && action != "clamp") throw std::invalid_argument("after the colon null or clamp is expected");
    rule.action = action == "null" ? OutOfRange::set_null : OutOfRange::clamp;
    high = high.substr(0, colon);
  }
  rule.low = parse_limit(text.substr(equals + 1, dots - equals - 1));
  rule.high = parse_limit(high);
  if (rule.low && rule.high && rule.low->value > rule.high->value)
    throw std::invalid_argument("the lower limit is above the upper one");
  return rule;
}

const std::vector<RangeRule>& default_ranges() {
  // Just beyond the extremes that have been measured: -89.2 and 56.7 °C, 870 and 1084 hPa at sea level (and some 330
  // hPa on the highest summit, for stations that do not reduce to it), 113 m/s. WMO keeps the list: World Weather and
  // Climate Extremes Archive.
  static const std::vector<RangeRule> ranges{parse_range("temperature_c=-90..60"), parse_range("humidity=0..100"),
                                             parse_range("pressure=300..1100"), parse_range("wind_speed=0..115")};
  return ranges;
}

void clean_value(const Value& value, const RangeRule& rule, OutOfRange action, CleanValue& clean) {
  clean.value.reset();
  clean.note = CleanValue::Note::kept;
  if (!value.present()) return;
  if (value.kind == Kind::number) {
    clean.value = parse_json_number(value.raw);
  } else if (value.kind == Kind::string && json_number_of(trimmed(value.text), clean.token)) {
    clean.value = parse_json_number(clean.token);
    clean.note = CleanValue::Note::coerced;
  }
  if (!clean.value) {
    clean.note = CleanValue::Note::not_a_number;
    clean.token = "null";
    return;
  }
  const bool too_low = rule.low && *clean.value < rule.low->value;
  const bool too_high = rule.high && *clean.value > rule.high->value;
  if (!too_low && !too_high) return;
  clean.note = CleanValue::Note::out_of_range;
  if (rule.action.value_or(action) == OutOfRange::clamp) {
    const Limit& limit = too_low ? *rule.low : *rule.high;
    clean.value = limit.value;
    clean.token = limit.token;
  } else {
    clean.value.reset();
    clean.token = "null";
  }
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
      RangeRule given = parse_range(text);
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
