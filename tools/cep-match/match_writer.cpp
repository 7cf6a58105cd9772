#include "match_writer.hpp"

#include <algorithm>
#include <span>

namespace weir::cep_match {
namespace {

/// Members that a row of the line form has beside its measures.
constexpr std::string_view step_name = "step";
constexpr std::string_view timed_out_name = "timed_out";

/// The most bytes of rows kept back when a record ends many matches.
constexpr std::size_t much = 1 << 18;

void drain(Output& out) {
  if (out.lines.size() >= much && out.drain) out.drain();
}

}  // namespace

MatchWriter::MatchWriter(const Query& query, const GroupKey& group, TargetReader& reader,
                         std::vector<std::uint32_t> names, Timeouts timeouts)
    : query_(query),
      group_(group),
      reader_(reader),
      names_(std::move(names)),
      added_(added_names(query, timeouts)),
      timeouts_(timeouts) {}

std::vector<std::string> MatchWriter::added_names(const Query& query, Timeouts timeouts) {
  std::vector<std::string> names;
  if (query.form == Form::line) names.emplace_back(step_name);
  for (const Measure& each : query.measures) names.push_back(each.name);
  if (timeouts == Timeouts::write) names.emplace_back(timed_out_name);
  return names;
}

/// The chain from its beginning.
void MatchWriter::gather(const Match& match, const History& history) {
  steps_.clear();
  for (NodeId at = match.last; at != no_node; at = history[at].parent)
    steps_.push_back({history[at].row, history[at].label, history[at].excluded != 0});
  std::reverse(steps_.begin(), steps_.end());
}

void MatchWriter::write(const Match& match, const History& history, Output& out) {
  gather(match, history);
  out.released = true;
  if (query_.rows == Rows::one)
    write_one(match, out);
  else
    write_all(match, out);
  drain(out);
}

void MatchWriter::write_one(const Match& match, Output& out) {
  ObjectWriter row(out.lines);
  row.time("window_start", reader_.store().rows[match.start].time);
  row.time("window_end", match.end);
  group_.append_members(out.lines, match.key);
  std::string& token = tokens_.empty() ? tokens_.emplace_back() : tokens_.front();
  for (const Measure& each : query_.measures) {
    token.clear();
    evaluate(each, match, steps_.size(), token);
    row.raw(each.name, token);
  }
  if (timeouts_ == Timeouts::write) row.boolean(timed_out_name, match.timed_out);
  row.end();
}

void MatchWriter::write_all(const Match& match, Output& out) {
  if (steps_.empty()) {
    if (query_.others == Others::no_empty) return;
  }
  tokens_.resize(added_.size());
  const std::size_t lines = std::max<std::size_t>(steps_.size(), 1);
  for (std::size_t i = 0; i < lines; ++i) {
    if (!steps_.empty() && steps_[i].excluded) continue;
    for (std::string& token : tokens_) token.clear();
    auto token = tokens_.begin();
    if (query_.form == Form::line)
      expr::append_token(*token++, expr::Result::of(std::string_view(query_.variables.name(steps_[i].label))));
    for (const Measure& each : query_.measures) evaluate(each, match, steps_.empty() ? 0 : i + 1, *token++);
    if (timeouts_ == Timeouts::write) *token = match.timed_out ? "true" : "false";
    write_row(steps_.empty() ? match.start : steps_[i].row, tokens_, out);
    drain(out);
  }
}

void MatchWriter::write_row(RowId row, const std::vector<std::string>& tokens, Output& out) {
  const RowStore& rows = reader_.store().rows;
  splicer_.begin(rows.line(row));
  for (std::size_t i = 0; i < added_.size(); ++i) {
    Value existing;
    existing.raw = rows.token(row, names_[i]);
    existing.kind = existing.raw.empty() ? Kind::missing : Kind::null;  // only its place counts
    splicer_.set(existing, added_[i], tokens[i]);
  }
  splicer_.write(out.lines);
}

void MatchWriter::write_unmatched(RowId row, Output& out) {
  tokens_.assign(added_.size(), "null");
  write_row(row, tokens_, out);
}

/// The step that a reference leads to, among the first `upto`.
std::optional<std::size_t> MatchWriter::find(const Reference& reference, std::size_t upto) const {
  const auto is_one = [&](std::size_t i) { return ((reference.labels >> steps_[i].label) & 1U) != 0; };
  std::uint32_t left = reference.offset;
  if (reference.first) {
    for (std::size_t i = 0; i < upto; ++i)
      if (is_one(i) && left-- == 0) return i;
  } else {
    for (std::size_t i = upto; i-- > 0;)
      if (is_one(i) && left-- == 0) return i;
  }
  return std::nullopt;
}

expr::Result MatchWriter::operand(const Reference& reference, const Match& match, std::size_t upto) {
  if (reference.final) upto = steps_.size();
  if (reference.kind == Reference::Kind::match_number) return expr::Result::of(static_cast<double>(match.number));
  if (reference.kind == Reference::Kind::aggregate) {
    Accumulator sum;
    for (std::size_t i = 0; i < upto; ++i)
      if (((reference.labels >> steps_[i].label) & 1U) != 0)
        sum.add(reference.aggregate, reader_.read(reference.target, steps_[i].row, steps_[i].label));
    return sum.value(reference.aggregate);
  }
  const auto found = find(reference, upto);
  if (!found) return {};
  if (reference.physical == 0) return reader_.read(reference.target, steps_[*found].row, steps_[*found].label);
  const RowId row = reader_.neighbour(steps_[*found].row, reference.physical);
  std::optional<std::uint32_t> label;
  for (const Step& each : steps_)
    if (each.row == row) label = each.label;
  return reader_.read(reference.target, row, label);
}

/// A measure that is one field of one record, which is written as it came.
const Reference* MatchWriter::plain(const Measure& measure) const {
  if (measure.expression.expression.whole().last != 0 || measure.expression.operands.size() != 1) return nullptr;
  const Reference& only = measure.expression.operands.front();
  const bool field = only.kind == Reference::Kind::navigation && only.target.kind == Target::Kind::field;
  return field ? &only : nullptr;
}

void MatchWriter::evaluate(const Measure& measure, const Match& match, std::size_t upto, std::string& token) {
  if (const Reference* const field = plain(measure)) {
    const auto found = find(*field, field->final ? steps_.size() : upto);
    const RowId row = found ? reader_.neighbour(steps_[*found].row, field->physical) : no_row;
    if (row != no_row) token = reader_.token(field->target, row);
    if (token.empty()) token = "null";
    return;
  }
  const expr::Expression& expression = measure.expression.expression;
  const std::vector<Reference>& references = measure.expression.operands;
  operands_.clear();
  texts_.resize(std::max(texts_.size(), references.size()));
  for (const Reference& each : references) {
    expr::Result result = operand(each, match, upto);
    if (each.target.kind == Target::Kind::expression && !result.text.empty())
      result.text = texts_[operands_.size()] = result.text;
    operands_.push_back(result);
  }
  const expr::Result value = expression.evaluate(std::span<const expr::Result>(operands_));
  if (value.failed() && ++failed_ == 1) failure_ = expression.error_text(value) + ": " + measure.name + " is null";
  expr::append_token(token, value);
}

}  // namespace weir::cep_match
