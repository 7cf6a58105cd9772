#include "checks.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <set>
#include <stdexcept>

#include "record/value_checks.hpp"

namespace weir::rec_clean {

void Checks::add_type(TypeRule rule, Cells& cells) {
  const CellId id = cells.cell(rule.field);
  type_of_.emplace_back(cells.field(id), rule.type);
  types_.emplace_back(std::move(rule), id);
}

Ranged Checks::ranged(clean::RangeRule rule, CellId cell, Cells& cells) {
  const bool flags = rule.action == clean::OutOfRange::flag;
  const CellId flag = flags ? cells.made_cell(cells.path(cell) + "_flag") : cell;
  std::string outside =
      fmt::format(" is not in {}..{}", rule.low ? rule.low->token : "", rule.high ? rule.high->token : "");
  return {std::move(rule), cell, flag, std::move(outside)};
}

void Checks::add_range(clean::RangeRule rule, Cells& cells) {
  constexpr double infinity = std::numeric_limits<double>::infinity();
  const CellId id = cells.cell(rule.field);
  limits_.push_back({cells.field(id), rule.low ? rule.low->value : -infinity, rule.high ? rule.high->value : infinity});
  if (rule.action == clean::OutOfRange::flag) short_way_ = false;
  ranges_.push_back(ranged(std::move(rule), id, cells));
}

bool Checks::are_good(const Record& record) const {
  for (const auto& [field, type] : type_of_)
    if (const Value& value = record[field]; value.present() && !is_of(value, type)) return false;
  for (const Limits& each : limits_) {
    const Value& value = record[each.field];
    const bool inside = value.kind == Kind::number && value.fast_number >= each.low && value.fast_number <= each.high;
    if (!inside && value.present()) return false;
  }
  return true;
}

void Checks::add_range_of(const std::string& parameter, clean::RangeRule rule, Cells& cells) {
  if (!by_parameter_.emplace(parameter, ranged(std::move(rule), value_, cells)).second)
    throw std::invalid_argument(fmt::format("--range: '{}' has two ranges", parameter));
}

void Checks::set_parameter(const std::string& parameter, const std::string& value, Cells& cells) {
  long_ = true;
  parameter_ = cells.cell(parameter);
  value_ = cells.cell(value);
}

void Checks::check_types(Cells& cells) {
  for (const auto& [rule, id] : types_) check_type(cells, rule, id);
}

void Checks::add_range_of_key(const std::string& key, clean::RangeRule rule, Cells& cells) {
  Own& own = by_key_[key];
  const std::string name = rule.field;
  const CellId id = long_ ? value_ : cells.cell(name);
  Ranged made = ranged(std::move(rule), id, cells);
  const bool again = long_ ? own.parameters.contains(name)
                           : std::ranges::any_of(own.fields, [id](const Ranged& each) { return each.cell == id; });
  if (again) throw std::invalid_argument(fmt::format("the key has two ranges for {}", name));
  if (long_)
    own.parameters.emplace(name, std::move(made));
  else
    own.fields.push_back(std::move(made));
}

void Checks::check_ranges(Cells& cells, std::string_view key) {
  if (by_key_.empty() && !long_) {
    for (const Ranged& each : ranges_) check_range(cells, each);
    return;
  }
  const auto found = by_key_.find(key);
  const Own* const own = found == by_key_.end() ? nullptr : &found->second;
  if (!long_) {
    if (own != nullptr)
      for (const Ranged& each : own->fields) check_range(cells, each);
    for (const Ranged& each : ranges_)
      if (own == nullptr ||
          std::ranges::none_of(own->fields, [&](const Ranged& other) { return other.cell == each.cell; }))
        check_range(cells, each);
    return;
  }
  const Value name = cells.value(parameter_);
  if (name.kind != Kind::string) return;
  token_ = name.text;
  if (own != nullptr)
    if (const auto range = own->parameters.find(token_); range != own->parameters.end())
      return check_range(cells, range->second);
  if (const auto range = by_parameter_.find(token_); range != by_parameter_.end()) check_range(cells, range->second);
}

void Checks::check_type(Cells& cells, const TypeRule& rule, CellId id) {
  const Value value = cells.value(id);
  if (!value.present() || is_of(value, rule.type)) return;
  const bool numeric = rule.type == ValueType::number || rule.type == ValueType::integer;
  if (numeric && value.kind == Kind::string && clean::json_number_of(value.text, token_)) {
    Value number;
    number.kind = Kind::number;
    number.raw = number.text = token_;
    if (is_of(number, rule.type)) {
      ++cells.now.converted;
      return cells.set_token(id, token_);
    }
  }
  std::string wrong = numeric && rule.type == ValueType::number
                          ? not_a_number_text(cells.path(id), value)
                          : fmt::format("{} {} is not {} {}", cells.path(id), shortened(value.raw),
                                        rule.name.find_first_of("aio") == 0 ? "an" : "a", rule.name);
  if (rule.action == clean::OutOfRange::reject) return cells.complain(wrong);
  if (cells.is_first(&Counts::nulled)) cells.note(wrong + ": set to null");
  cells.set_token(id, "null");
}

void Checks::check_range(Cells& cells, const Ranged& ranged) {
  using clean::OutOfRange;
  using Note = clean::CleanValue::Note;
  const Value value = cells.value(ranged.cell);
  const OutOfRange action = *ranged.rule.action;
  clean::clean_value(value, ranged.rule, action, clean_);
  const bool bad = clean_.note == Note::not_a_number || clean_.note == Note::out_of_range;
  if (action == OutOfRange::flag)
    // The flags of QARTOD: 1 good, 4 bad, 9 missing.
    cells.set_token(ranged.flag, bad ? "4" : value.present() ? "1" : "9");
  if (clean_.note == Note::kept) return;
  if (clean_.note == Note::coerced) {
    ++cells.now.converted;
    return cells.set_token(ranged.cell, clean_.token);
  }
  const std::string& path = cells.path(ranged.cell);
  if (clean_.note == Note::not_a_number)
    wrong_ = not_a_number_text(path, value);
  else
    (wrong_ = path).append(" ").append(shortened(value.text)).append(ranged.outside);
  switch (action) {
    case OutOfRange::reject:
      return cells.complain(wrong_);
    case OutOfRange::flag:
      if (cells.is_first(&Counts::flagged)) cells.note(wrong_ + ": flagged");
      return;
    case OutOfRange::clamp:
      if (clean_.value) {
        if (cells.is_first(&Counts::clamped)) cells.note(wrong_ + ": set to its limit");
        return cells.set_token(ranged.cell, clean_.token);
      }
      [[fallthrough]];
    case OutOfRange::set_null:
      if (cells.is_first(&Counts::nulled)) cells.note(wrong_ + ": set to null");
      return cells.set_token(ranged.cell, "null");
  }
}

std::vector<NamedField> Checks::named_fields(const Cells& cells) const {
  std::vector<NamedField> named;
  for (const auto& [rule, id] : types_) named.push_back({rule.field, "--type"});
  for (const Ranged& each : ranges_) named.push_back({cells.path(each.cell), "--range"});
  if (!long_) return named;
  std::set<std::string> parameters;
  for (const auto& [name, range] : by_parameter_) parameters.insert(name);
  for (const auto& [key, own] : by_key_)
    for (const auto& [name, range] : own.parameters) parameters.insert(name);
  for (const std::string& name : parameters) named.push_back({cells.path(parameter_), "--range", name});
  return named;
}

}  // namespace weir::rec_clean
