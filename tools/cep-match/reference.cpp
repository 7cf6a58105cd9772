#include "reference.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

namespace weir::cep_match {
namespace {

using expr::Lexer;
using expr::SyntaxError;
using expr::Token;
using expr::TokenKind;

/// Begins the paths that stand for references; a record's field cannot be named so by a bare name.
constexpr char mark = '\x01';

std::string lower(std::string_view text) {
  std::string made(text);
  for (char& c : made)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return made;
}

Token take(Lexer& lexer, TokenKind kind, const char* what) {
  if (lexer.peek().kind != kind) throw SyntaxError(fmt::format("expected {}", what), lexer.text(), lexer.peek().begin);
  return lexer.take();
}

/// Whether the parentheses that the lexer is at hold a comma of their own.
bool has_comma(Lexer& lexer) {
  const std::string_view text = lexer.text();
  std::size_t depth = 0;
  char quote = 0;
  for (std::size_t i = lexer.peek().begin; i < text.size(); ++i) {
    const char c = text[i];
    if (quote != 0) {
      if (c == '\\' && quote != '`') ++i;
      if (c == quote) quote = 0;
    } else if (c == '\'' || c == '"' || c == '`') {
      quote = c;
    } else if (c == '(') {
      ++depth;
    } else if (c == ')') {
      if (--depth == 0) return false;
    } else if (c == ',' && depth == 1) {
      return true;
    }
  }
  return false;
}

}  // namespace

std::uint32_t Fields::add(std::string_view path, const std::string& use) {
  const FieldId id = set_.add(path);
  const auto found = std::find(ids_.begin(), ids_.end(), id);
  const auto index = static_cast<std::uint32_t>(found - ids_.begin());
  if (found == ids_.end()) {
    ids_.push_back(id);
    uses_.push_back(use);
  }
  return index;
}

MatchExpression ExpressionReader::read(std::string_view text, std::size_t& position, const std::string& use) {
  use_ = use;
  made_.clear();
  return finish(expr::Expression::compile_prefix(text, position, *this));
}

MatchExpression ExpressionReader::read_condition(std::string_view text, std::size_t& position, const std::string& use) {
  use_ = use;
  made_.clear();
  return finish(expr::Expression::compile_condition_prefix(text, position, *this));
}

MatchExpression ExpressionReader::finish(expr::Expression expression) {
  MatchExpression made{std::move(expression), {}};
  for (const std::string& path : made.expression.fields()) {
    if (path.front() == mark) {
      std::size_t index = 0;
      std::from_chars(path.data() + 1, path.data() + path.size(), index);
      made.operands.push_back(made_.at(index));
    } else {
      made.operands.push_back(reference_of(path));
    }
  }
  return made;
}

/// A path without its variable, which goes to `labels`.
std::string ExpressionReader::split(std::string_view path, Labels& labels) const {
  std::size_t dot = 0;
  while (dot < path.size() && path[dot] != '.') dot += path[dot] == '\\' ? 2 : 1;
  if (dot >= path.size()) return std::string(path);
  const auto found = variables_.labels(path.substr(0, dot));
  if (!found) return std::string(path);
  labels = *found;
  return std::string(path.substr(dot + 1));
}

/// A field as written: that of the last record of its variable, or of the current record.
Reference ExpressionReader::reference_of(const std::string& path) {
  Reference made;
  const std::string field = split(path, made.labels);
  made.target = {Target::Kind::field, fields_.add(field, use_)};
  return made;
}

std::optional<expr::OwnNames::Operand> ExpressionReader::read(const Token& name, Lexer& lexer) {
  const std::size_t begin = name.end;
  std::string function = lower(name.text);
  Token call = name;
  Reference made;
  if ((function == "final" || function == "running") && lexer.peek().kind == TokenKind::name) {
    made.final = function == "final";
    call = lexer.take();
    function = lower(call.text);
  }
  if (lexer.peek().kind != TokenKind::open || !read_call(function, call, lexer, made)) {
    lexer.move_to(begin);
    return std::nullopt;
  }
  const std::size_t end = take(lexer, TokenKind::close, "a closing parenthesis").end;
  made_.push_back(made);
  return Operand{fmt::format("{}{}", mark, made_.size() - 1), end};
}

/// Takes `(` and the arguments. Returns false for a function that is none of these.
bool ExpressionReader::read_call(std::string_view function, const Token& name, Lexer& lexer, Reference& made) {
  if (function == "first" || function == "last") {
    read_navigation(function == "first", lexer, made);
  } else if (function == "prev" || function == "next") {
    read_neighbour(function == "prev" ? -1 : 1, lexer, made);
  } else if (function == "match_number") {
    lexer.take();
    made.kind = Reference::Kind::match_number;
  } else if (function == "classifier" || function == "time") {
    lexer.take();
    made.target.kind = function == "time" ? Target::Kind::time : Target::Kind::classifier;
    if (lexer.peek().kind == TokenKind::close) return true;
    const Token variable = take(lexer, TokenKind::name, "a variable");
    const auto labels = variables_.labels(variable.text);
    if (!labels) throw SyntaxError("not a variable of the pattern", lexer.text(), variable.begin);
    made.labels = *labels;
  } else {
    static_cast<void>(name);
    return read_aggregate(function, lexer, made);
  }
  return true;
}

bool ExpressionReader::read_aggregate(std::string_view function, Lexer& lexer, Reference& made) {
  static constexpr std::array<std::pair<std::string_view, Aggregate>, 5> aggregates{{{"count", Aggregate::count},
                                                                                     {"sum", Aggregate::sum},
                                                                                     {"avg", Aggregate::avg},
                                                                                     {"min", Aggregate::min},
                                                                                     {"max", Aggregate::max}}};
  const auto* found =
      std::find_if(aggregates.begin(), aggregates.end(), [&](const auto& each) { return each.first == function; });
  if (found == aggregates.end() || has_comma(lexer)) return false;  // min(x, y) is that of all expressions
  made.kind = Reference::Kind::aggregate;
  made.aggregate = found->second;
  const std::size_t inside = lexer.take().end;
  if (made.aggregate == Aggregate::count && read_all_records(inside, lexer, made)) return true;
  read_target(lexer, made);
  return true;
}

/// count(), count(*), count(a), count(a.*): of records, whatever their fields.
bool ExpressionReader::read_all_records(std::size_t begin, Lexer& lexer, Reference& made) {
  const std::string_view text = lexer.text();
  begin = std::min(text.find_first_not_of(" \t\r\n", begin), text.size());
  const std::size_t end = std::min(text.find_first_of("), \t\r\n", begin), text.size());
  std::string_view name = text.substr(begin, end - begin);
  if (name.empty() || name == "*") {
    lexer.move_to(end);
    return true;
  }
  if (name.ends_with(".*")) name.remove_suffix(2);
  const auto labels = variables_.labels(name);
  if (!labels) return false;
  made.labels = *labels;
  lexer.move_to(end);
  return true;
}

/// first(a.temp), last(a.temp, 1).
void ExpressionReader::read_navigation(bool first, Lexer& lexer, Reference& made) {
  lexer.take();
  made.first = first;
  read_target(lexer, made);
  made.offset = read_offset(lexer, 0);
}

/// prev(a.temp), next(last(a.temp, 1), 2), PREV(FINAL LAST(a.temp)).
void ExpressionReader::read_neighbour(int sign, Lexer& lexer, Reference& made) {
  const std::size_t begin = lexer.take().end;
  Token inner = lexer.peek().kind == TokenKind::name ? lexer.take() : Token{};
  std::string function = lower(inner.text);
  if (inner.bare && (function == "running" || function == "final") && lexer.peek().kind == TokenKind::name) {
    made.final = made.final || function == "final";
    inner = lexer.take();
    function = lower(inner.text);
  }
  if (inner.bare && (function == "first" || function == "last") && lexer.peek().kind == TokenKind::open) {
    read_navigation(function == "first", lexer, made);
    take(lexer, TokenKind::close, "a closing parenthesis");
  } else {
    lexer.move_to(begin);
    read_target(lexer, made);
  }
  made.physical = sign * static_cast<std::int32_t>(read_offset(lexer, 1));
}

std::uint32_t ExpressionReader::read_offset(Lexer& lexer, std::uint32_t usual) {
  static constexpr std::uint32_t most = 1000;
  if (lexer.peek().kind != TokenKind::comma) return usual;
  lexer.take();
  const Token number = take(lexer, TokenKind::number, "a count");
  std::uint32_t count = 0;
  const auto [end, error] = std::from_chars(number.text.data(), number.text.data() + number.text.size(), count);
  if (error != std::errc() || end != number.text.data() + number.text.size() || count > most)
    throw SyntaxError(fmt::format("expected a count of at most {}", most), lexer.text(), number.begin);
  return count;
}

/// An expression over the fields of one variable's record.
void ExpressionReader::read_target(Lexer& lexer, Reference& made) {
  const std::size_t begin = lexer.peek().begin;
  if (const Token& name = lexer.peek(); name.bare && lower(name.text) == "classifier") {
    const Token taken = lexer.take();
    if (lexer.peek().kind == TokenKind::open) {
      read_call("classifier", taken, lexer, made);
      take(lexer, TokenKind::close, "a closing parenthesis");
      return;
    }
    lexer.move_to(begin);
  }
  std::size_t position = begin;
  expr::Expression expression = expr::Expression::compile_prefix(lexer.text(), position);
  lexer.move_to(position);
  RecordExpression value{std::move(expression), {}};
  bool any = false;
  for (const std::string& path : value.expression.fields()) {
    Labels labels = all_labels;
    value.fields.push_back(fields_.add(split(path, labels), use_));
    if (any && labels != made.labels)
      throw SyntaxError("the fields of different variables; a function takes those of one", lexer.text(), begin);
    made.labels = labels;
    any = true;
  }
  if (!any) throw SyntaxError("expected a field", lexer.text(), begin);
  const bool plain = value.fields.size() == 1 && value.expression.whole().last == 0;
  if (plain) {
    made.target = {Target::Kind::field, value.fields.front()};
  } else {
    made.target = {Target::Kind::expression, static_cast<std::uint32_t>(expressions_.size())};
    expressions_.push_back(std::move(value));
  }
}

}  // namespace weir::cep_match
