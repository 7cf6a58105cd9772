#include "conversions.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>

#include "clean/range.hpp"
#include "record/trimmed.hpp"
#include "record/value_checks.hpp"

namespace weir::rec_clean {
namespace {

const clean::Unit& unit_named(std::string_view name) {
  const clean::Unit* const unit = clean::find_unit(name);
  if (unit == nullptr) throw std::invalid_argument(fmt::format("'{}' is not a unit that is known (UNITS)", name));
  return *unit;
}

const clean::Unit& unit_by_name_of(std::string_view field) {
  const clean::Unit* const unit = clean::unit_of_field(field);
  if (unit == nullptr)
    throw std::invalid_argument(
        fmt::format("the name {} does not end in a unit; write FIELD:UNIT->UNIT, as in value:degF->degC", field));
  return *unit;
}

}  // namespace

void Conversions::add(const std::string& text, const std::string& parameter, const std::string& value, Cells& cells) {
  try {
    const std::size_t arrow = text.find("->");
    if (arrow == std::string::npos)
      throw std::invalid_argument("expected temperature_f->temperature_c, value:degF->degC or value[unit]->degC");
    const std::string_view left = trimmed(std::string_view(text).substr(0, arrow));
    const std::string_view right = trimmed(std::string_view(text).substr(arrow + 2));
    Rule rule{};
    if (!parameter.empty()) parameter_ = cells.cell(parameter);
    if (left.ends_with(']')) {
      const std::size_t open = left.find('[');
      if (open == std::string_view::npos || open == 0) throw std::invalid_argument("expected FIELD[FIELD]->UNIT");
      rule.target = &unit_named(right);
      rule.target_name = right;
      rule.from = rule.to = cells.cell(std::string(left.substr(0, open)));
      rule.unit = cells.cell(std::string(left.substr(open + 1, left.size() - open - 2)));
      named_.push_back({cells.path(rule.unit), "--convert"});
    } else {
      const std::size_t colon = left.find(':');
      const std::string name(left.substr(0, colon));
      const bool in_place = colon != std::string_view::npos;
      const clean::Unit& unit = in_place ? unit_named(left.substr(colon + 1)) : unit_by_name_of(left);
      rule.target = in_place ? &unit_named(right) : &unit_by_name_of(right);
      rule.conversion.emplace(unit, *rule.target);
      if (parameter.empty()) {
        rule.from = cells.cell(name);
        rule.to = in_place ? rule.from : cells.made_cell(std::string(right));
        named_.push_back({name, "--convert"});
      } else {
        rule.from = rule.to = cells.cell(value);
        rule.parameter = name;
        rule.new_parameter = in_place ? name : std::string(right);
      }
    }
    rules_.push_back(std::move(rule));
  } catch (const std::invalid_argument& error) {
    throw std::invalid_argument(fmt::format("--convert {}: {}", text, error.what()));
  }
}

/// Whether a value is a number, or a string that holds one; then number_ has it.
bool Conversions::token_of(const Value& value) {
  if (value.kind == Kind::string) return clean::json_number_of(value.text, number_);
  number_ = value.raw;
  return value.kind == Kind::number;
}

bool Conversions::makes(std::string_view parameter) const {
  return std::ranges::any_of(rules_, [&](const Rule& rule) {
    return rule.new_parameter == parameter && rule.new_parameter != rule.parameter;
  });
}

void Conversions::convert(Cells& cells, LeftOut& left_out) {
  bool renamed = false;  // a value is converted once
  for (const Rule& rule : rules_) {
    if (!rule.parameter.empty() && (renamed || cells.value(parameter_).text != rule.parameter)) continue;
    const Value value = cells.value(rule.from);
    if (!token_of(value)) {
      const std::string& name = cells.path(rule.from);
      if (value.present()) left_out.note_wrong(not_a_number_text(name, value) + " (--convert)", name);
      if (value.kind == Kind::null && rule.from != rule.to) cells.set_token(rule.to, "null");
      continue;
    }
    token_.clear();
    bool fits = true;
    if (rule.conversion) {
      fits = rule.conversion->append(token_, number_);
    } else {
      const Value name = cells.value(rule.unit);
      const clean::Unit* const unit = name.kind == Kind::string ? clean::find_unit(name.text) : nullptr;
      if (unit == nullptr || unit->dimension != rule.target->dimension) continue;
      if (unit != rule.target) fits = clean::Conversion(*unit, *rule.target).append(token_, number_);
      if (name.text != rule.target_name) cells.set_text(rule.unit, rule.target_name);
      if (unit == rule.target) continue;
    }
    if (fits) {
      ++cells.now.in_other_units;
      cells.set_token(rule.to, token_);
    } else {
      left_out.note_wrong(fmt::format("{} {} is beyond the range of a double in {} (--convert)", cells.path(rule.from),
                                      shortened(number_), rule.target->symbol),
                          cells.path(rule.from));
      cells.set_token(rule.to, "null");
    }
    if (rule.parameter.empty()) continue;
    renamed = true;
    if (rule.new_parameter != rule.parameter) cells.set_text(parameter_, rule.new_parameter);
  }
}

}  // namespace weir::rec_clean
