#include "rec_clean.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>

#include "record/decimal.hpp"
#include "record/json_text.hpp"
#include "record/value_checks.hpp"

namespace weir::rec_clean {
namespace {

/// Reads every text of an option; what is thrown names it.
template <typename Read>
auto read_all(const char* option, const std::vector<std::string>& texts, Read read) {
  std::vector<decltype(read(std::string()))> all;
  try {
    for (const std::string& text : texts) all.push_back(read(text));
  } catch (const std::invalid_argument& error) {
    throw std::invalid_argument(fmt::format("{}: {}", option, error.what()));
  }
  return all;
}

/// The text of a condition, compiled.
expr::Expression condition(const std::string& text) { return expr::Expression::compile_condition(text); }

}  // namespace

RecClean::RecClean(const Settings& settings) : settings_(settings), left_out_(settings.strict) {
  for (TypeRule& rule : read_all("--type", settings.types, parse_type)) {
    const CellId id = cell(rule.field);
    types_.emplace_back(std::move(rule), id);
  }
  read_ranges();
  for (SetRule& rule : read_all("--set", settings.sets, parse_set)) {
    Bound made = bound(std::move(rule.expression));
    sets_.emplace_back(cell(rule.name), std::move(made));
  }
  for (const std::string& path : settings.require) require_.push_back(cell(path));
  for (expr::Expression& each : read_all("--keep", settings.keep, condition)) keep_.push_back(bound(std::move(each)));
  for (expr::Expression& each : read_all("--drop", settings.drop, condition)) drop_.push_back(bound(std::move(each)));
  for (const RoundRule& rule : read_all("--round", settings.rounds, parse_round))
    rounds_.emplace_back(cell(rule.field), rule.decimals);
  renames_ = read_all("--rename", settings.renames, parse_rename);
  for (const FieldAs& each : read_all("--select", settings.select, read_field_as))
    select_.emplace_back(cell(each.path), each.name.empty() ? FieldSet::plain_name(each.path) : each.name);
  if (!renames_.empty() && !select_.empty())
    throw std::invalid_argument("--rename does not go with --select, which has FIELD as NAME");
  if (!renames_.empty()) fields_.read_members();
}

/// The cell of a field, which is read.
RecClean::CellId RecClean::cell(const std::string& path) {
  const FieldId id = fields_.add(path);
  const auto index = static_cast<CellId>(id);
  if (index == cells_.size()) cells_.push_back({id, FieldSet::plain_name(path)});
  return index;
}

RecClean::Bound RecClean::bound(expr::Expression expression) {
  Bound made{std::move(expression), {}};
  for (const std::string& path : made.expression.fields()) made.operands.push_back(cell(path));
  return made;
}

void RecClean::read_ranges() {
  const bool by_parameter = !settings_.parameter.empty();
  if (by_parameter) {
    parameter_ = cell(settings_.parameter);
    value_ = cell(settings_.value_field);
  }
  const auto parse = [](const std::string& text) { return clean::parse_range(text); };
  for (clean::RangeRule& rule : read_all("--range", settings_.ranges, parse)) {
    if (!rule.action) rule.action = settings_.out_of_range;
    const std::string field = rule.field;
    Ranged ranged{std::move(rule), by_parameter ? value_ : cell(field), 0};
    ranged.flag = cell(fields_.path(cells_[ranged.cell].id) + "_flag");
    if (!by_parameter)
      ranges_.push_back(std::move(ranged));
    else if (!by_parameter_.emplace(field, std::move(ranged)).second)
      throw std::invalid_argument(fmt::format("--range: '{}' has two ranges", field));
  }
}

void RecClean::set_token(CellId id, std::string_view token) {
  Cell& cell = cells_[id];
  cell.changed = true;
  cell.token = token;
  double number = 0;
  cell.result = parse_json_number(token, number) ? expr::Result::of(number, cell.token) : expr::Result();
}

void RecClean::set_result(CellId id, const expr::Result& result) {
  Cell& cell = cells_[id];
  cell.changed = true;
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

/// The value as it is now.
Value RecClean::value_of(const Record& record, CellId id) const {
  const Cell& cell = cells_[id];
  if (!cell.changed) return record[cell.id];
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

expr::Result RecClean::result_of(const Record& record, CellId id) const {
  return cells_[id].changed ? cells_[id].result : expr::result_of(record[cells_[id].id]);
}

expr::Result RecClean::evaluate(const Record& record, const Bound& bound) {
  operands_.clear();
  for (const CellId id : bound.operands) operands_.push_back(result_of(record, id));
  return bound.expression.evaluate(std::span<const expr::Result>(operands_));
}

/// Adds a reason for which the record is rejected.
void RecClean::complain(std::string reason) {
  if (!reasons_.empty()) reasons_ += "; ";
  reasons_ += reason;
}

/// Notes a message on the record, for the case that it is written.
void RecClean::note(std::string message) { messages_.push_back({std::move(message)}); }

void RecClean::check_type(const Record& record, const TypeRule& rule, CellId id) {
  const Value value = value_of(record, id);
  if (!value.present() || is_of(value, rule.type)) return;
  const bool numeric = rule.type == ValueType::number || rule.type == ValueType::integer;
  if (numeric && value.kind == Kind::string && clean::json_number_of(value.text, token_)) {
    Value number;
    number.kind = Kind::number;
    number.raw = number.text = token_;
    if (is_of(number, rule.type)) {
      ++now_.converted;
      return set_token(id, token_);
    }
  }
  std::string wrong = numeric && rule.type == ValueType::number
                          ? not_a_number_text(fields_.path(cells_[id].id), value)
                          : fmt::format("{} {} is not {} {}", fields_.path(cells_[id].id), shortened(value.raw),
                                        rule.name.find_first_of("aio") == 0 ? "an" : "a", rule.name);
  if (rule.action == clean::OutOfRange::reject) return complain(std::move(wrong));
  if (++now_.nulled + nulled_ == 1) note(wrong + ": set to null");
  set_token(id, "null");
}

void RecClean::check_range(const Record& record, const Ranged& ranged) {
  using clean::OutOfRange;
  using Note = clean::CleanValue::Note;
  const Value value = value_of(record, ranged.cell);
  const OutOfRange action = *ranged.rule.action;
  clean::clean_value(value, ranged.rule, action, clean_);
  const bool bad = clean_.note == Note::not_a_number || clean_.note == Note::out_of_range;
  if (action == OutOfRange::flag)
    // The flags of QARTOD: 1 good, 4 bad, 9 missing.
    set_token(ranged.flag, bad ? "4" : value.present() ? "1" : "9");
  if (clean_.note == Note::kept) return;
  if (clean_.note == Note::coerced) {
    ++now_.converted;
    return set_token(ranged.cell, clean_.token);
  }
  const std::string& path = fields_.path(cells_[ranged.cell].id);
  std::string wrong =
      clean_.note == Note::not_a_number
          ? not_a_number_text(path, value)
          : fmt::format("{} {} is not in {}..{}", path, shortened(value.text),
                        ranged.rule.low ? ranged.rule.low->token : "", ranged.rule.high ? ranged.rule.high->token : "");
  switch (action) {
    case OutOfRange::reject:
      return complain(std::move(wrong));
    case OutOfRange::flag:
      if (++now_.flagged + flagged_ == 1) note(wrong + ": flagged");
      return;
    case OutOfRange::clamp:
      if (clean_.value) {
        if (++now_.clamped + clamped_ == 1) note(wrong + ": set to its limit");
        return set_token(ranged.cell, clean_.token);
      }
      [[fallthrough]];
    case OutOfRange::set_null:
      if (++now_.nulled + nulled_ == 1) note(wrong + ": set to null");
      return set_token(ranged.cell, "null");
  }
}

void RecClean::check_ranges(const Record& record) {
  for (const Ranged& each : ranges_) check_range(record, each);
  if (by_parameter_.empty()) return;
  const Value name = value_of(record, parameter_);
  if (name.kind != Kind::string) return;
  token_ = name.text;
  if (const auto found = by_parameter_.find(token_); found != by_parameter_.end()) check_range(record, found->second);
}

void RecClean::compute(const Record& record) {
  for (const auto& [id, bound] : sets_) {
    const expr::Result result = evaluate(record, bound);
    if (result.failed()) left_out_.note_wrong(bound.expression.error_text(result));
    set_result(id, result);
  }
}

/// Whether --keep and --drop leave the record. What is unknown is neither kept nor dropped by a condition.
bool RecClean::wanted(const Record& record) {
  const auto holds = [&](const Bound& bound) {
    const expr::Result result = evaluate(record, bound);
    if (result.failed()) left_out_.note_wrong(bound.expression.error_text(result));
    return result.is_true();
  };
  for (const Bound& each : keep_)
    if (!holds(each)) return false;
  for (const Bound& each : drop_)
    if (holds(each)) return false;
  return true;
}

void RecClean::round(const Record& record) {
  for (const auto& [id, decimals] : rounds_) {
    const Value value = value_of(record, id);
    if (!value.number()) continue;
    token_.clear();
    append_rounded(token_, value.raw, decimals);
    if (token_ != value.raw) set_token(id, token_);
  }
}

void RecClean::write(const Record& record, Output& out) {
  if (!select_.empty()) {
    ObjectWriter object(out.lines);
    for (const auto& [id, name] : select_) object.value(name, value_of(record, id));
    return object.end();
  }
  splicer_.begin(record);
  for (const Cell& each : cells_)
    if (each.changed) splicer_.set(record[each.id], each.name, each.token);
  for (const RenameRule& rule : renames_) {
    for (const Member& member : record.members()) {
      if (member.key != rule.from) continue;
      token_.clear();
      append_json_string(token_, rule.to);
      splicer_.set({Kind::string, member.raw_key, member.raw_key}, "", token_);
    }
  }
  splicer_.write(out.lines);
}

Verdict RecClean::on_record(const Record& record, Output& out) {
  for (Cell& each : cells_) each.changed = false;
  reasons_.clear();
  messages_.clear();
  now_ = {};
  left_out_.begin();
  for (const auto& [rule, id] : types_) check_type(record, rule, id);
  check_ranges(record);
  compute(record);
  for (const CellId id : require_)
    if (const Value value = value_of(record, id); !value.present())
      complain(fmt::format("{} is {}", fields_.path(cells_[id].id), value.kind == Kind::null ? "null" : "missing"));
  for (const RenameRule& rule : renames_)
    for (const Member& member : record.members())
      if (member.key == rule.to) complain(fmt::format("there is a member '{}' already (--rename)", rule.to));
  if (!reasons_.empty()) return Verdict::reject(reasons_);
  const bool written = wanted(record);
  if (Verdict verdict = left_out_.judge(true); verdict.rejected()) return verdict;
  left_out_.accept(out);
  if (!written) {
    ++dropped_;
    return Verdict::ok();
  }
  converted_ += now_.converted;
  nulled_ += now_.nulled;
  clamped_ += now_.clamped;
  flagged_ += now_.flagged;
  out.messages.insert(out.messages.end(), messages_.begin(), messages_.end());
  round(record);
  write(record, out);
  return Verdict::ok();
}

std::vector<NamedField> RecClean::named_fields() const {
  std::vector<NamedField> named = named_fields_of("--select", settings_.select);
  for (const auto& [rule, id] : types_) named.push_back({rule.field, "--type"});
  for (const Ranged& each : ranges_) named.push_back({fields_.path(cells_[each.cell].id), "--range"});
  if (!settings_.parameter.empty()) named.push_back({settings_.parameter, "--parameter"});
  for (const auto& [id, decimals] : rounds_) named.push_back({fields_.path(cells_[id].id), "--round"});
  for (std::size_t i = 0; i < keep_.size(); ++i)
    for (const std::string& path : keep_[i].expression.fields()) named.push_back({path, "--keep " + settings_.keep[i]});
  for (std::size_t i = 0; i < drop_.size(); ++i)
    for (const std::string& path : drop_[i].expression.fields()) named.push_back({path, "--drop " + settings_.drop[i]});
  for (std::size_t i = 0; i < sets_.size(); ++i)
    for (const std::string& path : sets_[i].second.expression.fields())
      named.push_back({path, "--set " + settings_.sets[i]});
  // A field that --set makes is there.
  std::erase_if(named, [this](const NamedField& each) {
    return std::any_of(sets_.begin(), sets_.end(),
                       [&](const auto& set) { return fields_.path(cells_[set.first].id) == each.path; });
  });
  return named;
}

CountReport RecClean::counts() const {
  CountReport report;
  report.add(converted_, "number", "read from a string", Weight::work)
      .add(nulled_, "value", "set to null")
      .add(clamped_, "value", "set to the limit of its range")
      .add(flagged_, "value", "flagged")
      .add(dropped_, "record", "dropped (--keep, --drop)", Weight::work);
  left_out_.add_to(report);
  return report;
}

}  // namespace weir::rec_clean
