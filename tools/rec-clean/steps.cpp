#include "steps.hpp"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <cmath>
#include <stdexcept>
#include <utility>

#include "record/trimmed.hpp"

namespace weir::rec_clean {
namespace {

/// The two sides of `LEFT=RIGHT`, at the first equals sign. Throws with the form.
std::pair<std::string, std::string_view> sides(std::string_view text, const char* form) {
  const std::size_t equals = text.find('=');
  const std::string_view left = trimmed(text.substr(0, equals));
  if (equals == std::string_view::npos || left.empty() || trimmed(text.substr(equals + 1)).empty())
    throw std::invalid_argument(fmt::format("'{}' is not {}", text, form));
  return {std::string(left), trimmed(text.substr(equals + 1))};
}

constexpr std::array<std::pair<std::string_view, ValueType>, 6> types{{{"number", ValueType::number},
                                                                       {"integer", ValueType::integer},
                                                                       {"string", ValueType::string},
                                                                       {"boolean", ValueType::boolean},
                                                                       {"object", ValueType::object},
                                                                       {"array", ValueType::array}}};

}  // namespace

TypeRule parse_type(std::string_view text) {
  auto [field, right] = sides(text, "FIELD=TYPE, as in value=number");
  TypeRule rule;
  rule.field = std::move(field);
  const std::size_t colon = right.find(':');
  rule.name = right.substr(0, colon);
  if (colon != std::string_view::npos) {
    const std::string_view action = right.substr(colon + 1);
    if (action != "null" && action != "reject")
      throw std::invalid_argument("after the colon null or reject is expected");
    if (action == "null") rule.action = clean::OutOfRange::set_null;
  }
  for (const auto& [name, type] : types) {
    if (rule.name != name) continue;
    rule.type = type;
    return rule;
  }
  throw std::invalid_argument(
      fmt::format("'{}' is no type: number, integer, string, boolean, object or array is", rule.name));
}

SetRule parse_set(std::string_view text) {
  auto [name, expression] = sides(text, "NAME=EXPRESSION");
  if (name.find_first_of("<>!") != std::string::npos || expression.starts_with('='))
    throw std::invalid_argument(fmt::format("'{}' is not NAME=EXPRESSION", text));
  return {std::move(name), expr::Expression::compile(expression)};
}

RoundRule parse_round(std::string_view text) {
  constexpr int most = 15;
  auto [field, digits] = sides(text, "FIELD=DECIMALS, as in value=2");
  RoundRule rule{std::move(field), 0};
  const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), rule.decimals);
  if (read.ec != std::errc() || read.ptr != digits.data() + digits.size() || rule.decimals < -most ||
      rule.decimals > most)
    throw std::invalid_argument(fmt::format("'{}': from -{} to {} decimals are possible", digits, most, most));
  return rule;
}

RenameRule parse_rename(std::string_view text) {
  auto [from, to] = sides(text, "OLD=NEW");
  return {std::move(from), std::string(to)};
}

bool is_of(const Value& value, ValueType type) {
  switch (type) {
    case ValueType::number:
      return value.number().has_value();
    case ValueType::integer: {
      const auto number = value.number();
      return number && std::trunc(*number) == *number;
    }
    case ValueType::string:
      return value.kind == Kind::string;
    case ValueType::boolean:
      return value.kind == Kind::boolean;
    case ValueType::object:
      return value.kind == Kind::object;
    case ValueType::array:
      return value.kind == Kind::array;
  }
  return false;
}

}  // namespace weir::rec_clean
