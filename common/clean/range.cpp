#include "clean/range.hpp"

#include <stdexcept>

#include "record/number.hpp"
#include "record/trimmed.hpp"

namespace weir::clean {
namespace {

std::string_view take_digits(std::string_view& text) {
  std::size_t length = 0;
  while (length < text.size() && text[length] >= '0' && text[length] <= '9') ++length;
  const std::string_view digits = text.substr(0, length);
  text.remove_prefix(length);
  return digits;
}

std::optional<Limit> parse_limit(std::string_view text) {
  if (text.empty()) return std::nullopt;
  const auto value = parse_json_number(text);
  if (!value) throw std::invalid_argument("'" + std::string(text) + "' is not a number");
  return Limit{*value, std::string(text)};
}

OutOfRange action_of(std::string_view name, Actions actions) {
  if (name == "null") return OutOfRange::set_null;
  if (name == "clamp") return OutOfRange::clamp;
  if (actions == Actions::repairs) throw std::invalid_argument("after the colon null or clamp is expected");
  if (name == "reject") return OutOfRange::reject;
  if (name == "flag") return OutOfRange::flag;
  throw std::invalid_argument("after the colon null, clamp, reject or flag is expected");
}

}  // namespace

bool json_number_of(std::string_view text, std::string& token) {
  text = trimmed(text);
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

RangeRule parse_range(std::string_view text, Actions actions) {
  RangeRule rule;
  const std::size_t equals = text.rfind('=');
  const std::size_t dots = text.find("..", equals == std::string_view::npos ? 0 : equals);
  if (equals == std::string_view::npos || equals == 0 || dots == std::string_view::npos)
    throw std::invalid_argument("expected FIELD=LOW..HIGH, as in humidity=0..100");
  rule.field = text.substr(0, equals);
  std::string_view high = text.substr(dots + 2);
  if (const std::size_t colon = high.find(':'); colon != std::string_view::npos) {
    const std::string_view action = high.substr(colon + 1);
    rule.action = action_of(action, actions);
    high = high.substr(0, colon);
  }
  rule.low = parse_limit(text.substr(equals + 1, dots - equals - 1));
  rule.high = parse_limit(high);
  if (rule.low && rule.high && rule.low->value > rule.high->value)
    throw std::invalid_argument("the lower limit is above the upper one");
  return rule;
}

void clean_value(const Value& value, const RangeRule& rule, OutOfRange action, CleanValue& clean) {
  clean.value.reset();
  clean.note = CleanValue::Note::kept;
  if (!value.present()) return;
  if (value.kind == Kind::number) {
    clean.value = value.number();
  } else if (value.kind == Kind::string && json_number_of(value.text, clean.token)) {
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
  switch (rule.action.value_or(action)) {
    case OutOfRange::clamp: {
      const Limit& limit = too_low ? *rule.low : *rule.high;
      clean.value = limit.value;
      clean.token = limit.token;
      break;
    }
    case OutOfRange::set_null:
      clean.value.reset();
      clean.token = "null";
      break;
    case OutOfRange::reject:
    case OutOfRange::flag:
      break;
  }
}

}  // namespace weir::clean
