#include "cells.hpp"

#include <algorithm>
#include <cmath>

#include "record/json_text.hpp"
#include "record/number.hpp"

namespace weir::rec_clean {

CellId Cells::cell(const std::string& path) {
  const FieldId id = fields_.add(path);
  const auto index = static_cast<std::size_t>(id);
  if (index >= cell_of_.size()) cell_of_.resize(index + 1, none);
  if (cell_of_[index] == none) {
    cell_of_[index] = cells_.size();
    cells_.push_back({id, FieldSet::plain_name(path)});
  }
  return cell_of_[index];
}

CellId Cells::made_cell(const std::string& path) {
  const CellId id = cell(path);
  cells_[id].made = true;
  return id;
}

bool Cells::is_made(const std::string& path) const {
  return std::any_of(cells_.begin(), cells_.end(),
                     [&](const Cell& each) { return each.made && fields_.path(each.id) == path; });
}

Bound Cells::bound(expr::Expression expression) {
  Bound made{std::move(expression), {}};
  for (const std::string& path : made.expression.fields()) made.operands.push_back(cell(path));
  if (numbers_.size() < made.operands.size()) numbers_.resize(made.operands.size());
  return made;
}

void Cells::begin(const Record& record) {
  if (any_changed_)
    for (Cell& each : cells_) each.changed = false;
  any_changed_ = false;
  record_ = &record;
  reasons_.clear();
  if (!messages_.empty()) messages_.clear();
  now = {};
}

Cells::Cell& Cells::change(CellId id) {
  Cell& cell = cells_[id];
  cell.changed = any_changed_ = true;
  cell.computed = false;
  return cell;
}

void Cells::Cell::write_token() const {
  token.clear();
  expr::append_token(token, result);
  result.text = token;
  computed = false;
}

void Cells::set_token(CellId id, std::string_view token) {
  Cell& cell = change(id);
  cell.token = token;
  double number = 0;
  cell.result = parse_json_number(token, number) ? expr::Result::of(number, cell.token) : expr::Result();
}

void Cells::set_text(CellId id, std::string_view text) {
  Cell& cell = change(id);
  cell.text = text;
  cell.token.clear();
  append_json_string(cell.token, text);
  cell.result = expr::Result();
  cell.result.type = expr::Type::string;
  cell.result.text = cell.text;
}

void Cells::set_result(CellId id, const expr::Result& result) {
  Cell& cell = change(id);
  if (result.type == expr::Type::number && result.text.empty()) {
    cell.result = result;
    cell.computed = true;
    return;
  }
  cell.token.clear();
  expr::append_token(cell.token, result);
  cell.result = result.failed() ? expr::Result() : result;
  if (result.type == expr::Type::string) {
    cell.text = result.text;  // the result's own text lives until the next evaluation
    cell.result.text = cell.text;
  } else if (result.type == expr::Type::number) {
    cell.result.text = cell.token;
  }
}

Value Cells::changed_value(CellId id) const {
  const Cell& cell = cells_[id];
  if (cell.computed) cell.write_token();
  Value value;
  switch (cell.result.type) {
    case expr::Type::number:
      value.kind = Kind::number;
      break;
    case expr::Type::string:
      value.kind = Kind::string;
      break;
    case expr::Type::boolean:
      value.kind = Kind::boolean;
      break;
    default:
      value.kind = Kind::null;
  }
  value.raw = cell.token;
  value.text = value.kind == Kind::string ? std::string_view(cell.text) : value.raw;
  return value;
}

expr::Result Cells::result_of(CellId id) const {
  const Cell& cell = cells_[id];
  if (!cell.changed) return expr::result_of((*record_)[cell.id]);
  if (cell.computed) cell.write_token();
  return cell.result;
}

/// Reads the operands into numbers_. False where one has been set, or is not a number of few characters.
bool Cells::read_numbers(const Bound& bound) {
  constexpr std::size_t most = 15;  // Expression::evaluate_numbers()
  double* number = numbers_.data();
  for (const CellId id : bound.operands) {
    const Cell& cell = cells_[id];
    const Value& value = (*record_)[cell.id];
    if (cell.changed || value.kind != Kind::number || value.raw.size() > most) return false;
    if (std::isnan(value.fast_number)) return false;
    *number++ = value.fast_number;
  }
  return true;
}

expr::Result Cells::evaluate(const Bound& bound) {
  if (bound.expression.is_of_numbers() && read_numbers(bound))
    if (expr::Result result; bound.expression.evaluate_numbers(numbers_.data(), result)) return result;
  operands_.clear();
  for (const CellId id : bound.operands) operands_.push_back(result_of(id));
  return bound.expression.evaluate(std::span<const expr::Result>(operands_));
}

void Cells::complain(std::string_view reason) {
  // A type and a range may find the same.
  for (std::size_t at = reasons_.find(reason); at != std::string::npos; at = reasons_.find(reason, at + 1)) {
    const std::size_t end = at + reason.size();
    const bool begins = at == 0 || (at >= 2 && reasons_.compare(at - 2, 2, "; ") == 0);
    if (begins && (end == reasons_.size() || reasons_[end] == ';')) return;
  }
  if (!reasons_.empty()) reasons_ += "; ";
  reasons_ += reason;
}

void Cells::accept(Output& out) {
  counts_.converted += now.converted;
  counts_.nulled += now.nulled;
  counts_.clamped += now.clamped;
  counts_.flagged += now.flagged;
  counts_.in_other_units += now.in_other_units;
  if (!messages_.empty()) out.messages.insert(out.messages.end(), messages_.begin(), messages_.end());
}

void Cells::splice(Splicer& splicer) const {
  for (const Cell& each : cells_) {
    if (!each.changed) continue;
    if (each.computed) each.write_token();
    splicer.set((*record_)[each.id], each.name, each.token);
  }
}

}  // namespace weir::rec_clean
