#include "calculation.hpp"

#include <fmt/format.h>

#include <stdexcept>

#include "record/trimmed.hpp"

namespace weir::win_calc {
Calculation parse_calculation(std::string_view text) {
  const std::size_t equals = text.find('=');
  const std::string_view name = trimmed(text.substr(0, equals));
  if (equals == std::string_view::npos || name.empty() || name.find_first_of("<>!") != std::string_view::npos ||
      text.substr(equals + 1).starts_with('='))
    throw std::invalid_argument(fmt::format("'{}' is not NAME = EXPRESSION", text));
  Calculation made{std::string(name), expr::Expression::compile(text.substr(equals + 1))};
  if (made.expression.fields().empty()) throw std::invalid_argument(fmt::format("'{}' reads no series", trimmed(text)));
  return made;
}

std::vector<Calculation> parse_calculations(const std::vector<std::string>& texts) {
  std::vector<Calculation> parsed;
  try {
    for (const std::string& text : texts) parsed.push_back(parse_calculation(text));
  } catch (const std::invalid_argument& error) {
    throw std::invalid_argument(std::string("--calc: ") + error.what());
  }
  return parsed;
}

Operand operand_of(std::string_view path, Shape shape, std::string_view value_field) {
  if (shape == Shape::wide_rows) return {{}, std::string(path)};
  // The first dot that belongs to no name ends the series.
  std::size_t dot = 0;
  while (dot < path.size() && path[dot] != '.') dot += path[dot] == '\\' ? 2 : 1;
  if (dot >= path.size()) return {FieldSet::plain_name(path), std::string(value_field)};
  return {FieldSet::plain_name(path.substr(0, dot)), std::string(path.substr(dot + 1))};
}

expr::Result Source::value_in(const Record& record) const {
  const Value& value = record[field];
  if (value.kind == Kind::number) {
    const auto number = value.number();
    return number ? expr::Result::of(*number, value.raw) : expr::Result();
  }
  if (value.kind == Kind::string && may_be_text) return expr::Result::of(value.text);
  if (value.kind == Kind::boolean && may_be_boolean) return expr::Result::of(value.is_true());
  return {};
}

}  // namespace weir::win_calc
