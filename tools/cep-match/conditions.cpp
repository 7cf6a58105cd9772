#include "conditions.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <span>

namespace weir::cep_match {

RowId TargetReader::neighbour(RowId row, std::int32_t distance) const {
  for (; distance < 0 && row != no_row; ++distance) row = store_.rows[row].before;
  for (; distance > 0 && row != no_row; --distance) row = store_.rows[row].after;
  return row;
}

expr::Result TargetReader::read(const Target& target, RowId row, std::optional<std::uint32_t> label) {
  if (row == no_row) return {};
  switch (target.kind) {
    case Target::Kind::field:
      return store_.rows.value(row, store_.places[target.index]);
    case Target::Kind::expression: {
      const RecordExpression& each = store_.expressions[target.index];
      operands_.clear();
      for (const std::uint32_t field : each.fields) operands_.push_back(store_.rows.value(row, store_.places[field]));
      expr::Result result = each.expression.evaluate(std::span<const expr::Result>(operands_));
      if (result.failed() || result.text.empty()) return result;
      text_ = result.text;
      result.text = text_;
      return result;
    }
    case Target::Kind::classifier:
      return label ? expr::Result::of(std::string_view(store_.variables.name(*label))) : expr::Result();
    case Target::Kind::time:
      return expr::Result::of(std::chrono::duration<double>(store_.rows[row].time.time_since_epoch()).count());
    case Target::Kind::record:
      return expr::Result::of(true);
  }
  return {};
}

Conditions::Conditions(std::vector<std::optional<MatchExpression>> definitions) {
  std::vector<Condition> conditions;
  for (std::uint32_t label = 0; label < definitions.size(); ++label) {
    Condition& made = conditions.emplace_back();
    if (!definitions[label]) continue;
    made.depends = Depends::record;
    for (const Reference& reference : definitions[label]->operands) {
      Operand operand{reference};
      operand.current = reference.kind == Reference::Kind::navigation && !reference.first && reference.offset == 0 &&
                        ((reference.labels >> label) & 1U) != 0;
      made.depends = std::max(made.depends, depends_on(operand));
      made.operands.push_back(operand);
    }
    made.definition = std::move(definitions[label]);
  }
  place(conditions);
  each_ = std::move(conditions);
}

Depends Conditions::depends_on(const Operand& operand) {
  const Target::Kind target = operand.reference.target.kind;
  if (!operand.current || target == Target::Kind::classifier) return Depends::match;
  if (operand.reference.physical != 0 || target != Target::Kind::field) return Depends::neighbours;
  return Depends::record;
}

/// Gives each operand its slot or sum; those that read the same share it.
void Conditions::place(std::vector<Condition>& conditions) {
  for (Condition& condition : conditions)
    for (Operand& operand : condition.operands) {
      const Reference& reference = operand.reference;
      if (condition.depends == Depends::record) {
        record_fields_.push_back(reference.target.index);
        continue;
      }
      has_neighbours_ = has_neighbours_ || condition.depends == Depends::neighbours;
      if (reference.kind == Reference::Kind::aggregate) {
        const auto found =
            std::find_if(sums_.begin(), sums_.end(), [&](const Sum& each) { return each.reference == reference; });
        operand.index = static_cast<std::size_t>(found - sums_.begin());
        if (found == sums_.end()) sums_.push_back({reference});
      } else if (reference.kind == Reference::Kind::navigation && !operand.current) {
        auto found = std::find_if(spans_.begin(), spans_.end(), [&](const Span& each) {
          return each.labels == reference.labels && each.first == reference.first;
        });
        if (found == spans_.end()) found = spans_.insert(found, {reference.labels, reference.first, 0, 0});
        found->size = std::max<std::size_t>(found->size, reference.offset + 1);
        operand.index = static_cast<std::size_t>(found - spans_.begin());
      }
    }
  for (Span& span : spans_) {
    span.begin = slots_;
    slots_ += span.size;
  }
  for (Condition& condition : conditions)
    for (Operand& operand : condition.operands)
      if (operand.reference.kind == Reference::Kind::navigation && !operand.current)
        operand.index = spans_[operand.index].begin + operand.reference.offset;
}

std::vector<std::uint32_t> Conditions::row_fields(const std::vector<RecordExpression>& expressions) const {
  std::vector<std::uint32_t> made;
  for (const Condition& condition : each_) {
    if (condition.depends <= Depends::record) continue;
    for (const Operand& operand : condition.operands) {
      const Target& target = operand.reference.target;
      if (target.kind == Target::Kind::field) made.push_back(target.index);
      if (target.kind == Target::Kind::expression)
        made.insert(made.end(), expressions[target.index].fields.begin(), expressions[target.index].fields.end());
    }
  }
  return made;
}

Labels Conditions::fits(const std::vector<expr::Result>& values, LeftOut& left_out) {
  Labels made = 0;
  for (std::size_t label = 0; label < each_.size(); ++label) {
    const Condition& condition = each_[label];
    if (condition.depends == Depends::record) {
      operands_.clear();
      for (const Operand& operand : condition.operands) operands_.push_back(values[operand.reference.target.index]);
      const expr::Expression& expression = condition.definition->expression;
      const expr::Result result = expression.test(std::span<const expr::Result>(operands_));
      if (result.failed()) left_out.note_wrong(expression.error_text(result));
      if (!result.is_true()) continue;
    }
    made |= Labels{1} << label;
  }
  return made;
}

bool Conditions::test(const Condition& condition) {
  const expr::Expression& expression = condition.definition->expression;
  const expr::Result result = expression.test(std::span<const expr::Result>(operands_));
  if (result.failed() && ++failed_ == 1) failure_ = expression.error_text(result);
  return result.is_true();
}

Labels Conditions::fits_between(RowId row, TargetReader& reader) {
  Labels made = all_labels;
  for (std::uint32_t label = 0; label < each_.size(); ++label) {
    const Condition& condition = each_[label];
    if (condition.depends != Depends::neighbours) continue;
    operands_.clear();
    texts_.resize(std::max(texts_.size(), condition.operands.size()));
    for (const Operand& operand : condition.operands) {
      const RowId at = reader.neighbour(row, operand.reference.physical);
      expr::Result result = reader.read(operand.reference.target, at, label);
      if (operand.reference.target.kind == Target::Kind::expression && !result.text.empty())
        result.text = texts_[operands_.size()] = result.text;
      operands_.push_back(result);
    }
    if (!test(condition)) made &= ~(Labels{1} << label);
  }
  return made;
}

void Conditions::update(History& history, NodeId node, TargetReader& reader) const {
  const History::Node last = history[node];
  History::Slot* const slots = history.slots(node);
  const Labels own = Labels{1} << last.label;
  for (const Span& span : spans_) {
    if ((span.labels & own) == 0) continue;
    History::Slot* const begin = slots + span.begin;
    if (span.first) {
      History::Slot* const empty = std::find(begin, begin + span.size, History::Slot{0});
      if (empty != begin + span.size) *empty = History::slot_of(last.row, last.label);
    } else {
      std::copy_backward(begin, begin + span.size - 1, begin + span.size);
      *begin = History::slot_of(last.row, last.label);
    }
  }
  Accumulator* const sums = history.sums(node);
  for (std::size_t i = 0; i < sums_.size(); ++i) {
    const Reference& reference = sums_[i].reference;
    if ((reference.labels & own) != 0)
      sums[i].add(reference.aggregate, reader.read(reference.target, last.row, last.label));
  }
}

expr::Result Conditions::value(const Operand& operand, History& history, NodeId node, TargetReader& reader) const {
  const Reference& reference = operand.reference;
  if (reference.kind == Reference::Kind::aggregate) return history.sums(node)[operand.index].value(reference.aggregate);
  RowId row = history[node].row;
  std::optional<std::uint32_t> label = history[node].label;
  if (!operand.current) {
    const History::Slot slot = history.slots(node)[operand.index];
    if (slot == 0) return {};
    row = History::row_of(slot);
    label = History::label_of(slot);
  }
  if (reference.physical == 0) return reader.read(reference.target, row, label);
  row = reader.neighbour(row, reference.physical);
  if (reference.target.kind == Target::Kind::classifier) {
    label.reset();
    for (NodeId at = node; at != no_node && !label; at = history[at].parent)
      if (history[at].row == row) label = history[at].label;
  }
  return reader.read(reference.target, row, label);
}

bool Conditions::holds(History& history, NodeId node, TargetReader& reader) {
  const Condition& condition = each_[history[node].label];
  operands_.clear();
  texts_.resize(std::max(texts_.size(), condition.operands.size()));
  for (const Operand& operand : condition.operands) {
    expr::Result result = value(operand, history, node, reader);
    if (operand.reference.target.kind == Target::Kind::expression && !result.text.empty())
      result.text = texts_[operands_.size()] = result.text;
    operands_.push_back(result);
  }
  return test(condition);
}

}  // namespace weir::cep_match
