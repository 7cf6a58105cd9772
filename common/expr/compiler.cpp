#include "expr/compiler.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "expr/functions.hpp"
#include "expr/operations.hpp"
#include "record/json_text.hpp"
#include "record/number.hpp"

namespace weir::expr {
namespace {

/// How tightly operators bind, from the loosest on.
enum Binding : int { binds_or = 1, binds_and, binds_not, binds_comparison, binds_sum, binds_product, binds_prefix };

bool is_and(const Token& token) { return token.bare && (token.text == "and" || token.text == "AND"); }
bool is_or(const Token& token) { return token.bare && (token.text == "or" || token.text == "OR"); }
bool is_not(const Token& token) { return token.bare && (token.text == "not" || token.text == "NOT"); }

/// The operator of a token, such as `and`.
TokenKind meaning(const Token& token) {
  if (is_and(token)) return TokenKind::word_and;
  if (is_or(token)) return TokenKind::word_or;
  if (is_not(token)) return TokenKind::word_not;
  return token.kind;
}

bool is_comparison(Code code) { return code >= Code::less && code <= Code::not_same; }

}  // namespace

Compiler::Compiler(std::string_view text, std::size_t position, Limits limits, OwnNames* own)
    : text_(text), limits_(limits), lexer_(text, position), own_(own) {
  if (text.size() > limits.text) throw SyntaxError(fmt::format("longer than {} bytes", limits.text), "", 0);
  if (!is_utf8(text)) throw SyntaxError("not UTF-8", "", 0);
}

void Compiler::fail(std::string reason, std::size_t position) const {
  throw SyntaxError(std::move(reason), text_, position);
}

Token Compiler::take_or_fail(TokenKind kind, const char* reason) {
  if (lexer_.peek().kind != kind) fail(reason, lexer_.peek().begin);
  return lexer_.take();
}

void Compiler::read() { result_ = read_infix(binds_or); }

void Compiler::expect_end() {
  const Token& token = lexer_.peek();
  if (token.kind == TokenKind::end) return;
  if (token.kind == TokenKind::close) fail("a closing parenthesis without an opening one", token.begin);
  if (token.kind == TokenKind::name || token.kind == TokenKind::number || token.kind == TokenKind::string)
    fail("expected an operator", token.begin);
  fail("unexpected text", token.begin);
}

void Compiler::expect_condition() const { expect_type(result_, Type::boolean); }

Expression Compiler::finish() {
  collect_deciding(result_.part);
  const std::size_t begin = result_.begin;
  made_.text_.assign(text_.substr(begin, result_.end - begin));
  for (auto& span : made_.spans_) {
    span.begin -= static_cast<std::uint32_t>(begin);
    span.end -= static_cast<std::uint32_t>(begin);
  }
  made_.find_of_numbers();
  return std::move(made_);
}

/// `and` and `or` decide by what they join.
void Compiler::collect_deciding(Part part) {
  const Step& last = made_.steps_[part.last];
  if (last.code == Code::and_merge || last.code == Code::or_merge) {
    const std::uint32_t test = last.argument + 1;
    collect_deciding({part.first, last.argument});
    collect_deciding({test + 1, part.last - 1});
  } else if (is_comparison(last.code)) {
    const auto found = std::find_if(comparisons_.begin(), comparisons_.end(),
                                    [&](const Comparison& each) { return each.whole.last == part.last; });
    made_.comparisons_.push_back(*found);
  }
}

std::optional<Compiler::Infix> Compiler::infix(TokenKind kind) {
  switch (kind) {
    case TokenKind::word_or:
      return Infix{binds_or, Code::or_merge};
    case TokenKind::word_and:
      return Infix{binds_and, Code::and_merge};
    case TokenKind::less:
      return Infix{binds_comparison, Code::less};
    case TokenKind::less_equal:
      return Infix{binds_comparison, Code::less_equal};
    case TokenKind::greater:
      return Infix{binds_comparison, Code::greater};
    case TokenKind::greater_equal:
      return Infix{binds_comparison, Code::greater_equal};
    case TokenKind::equal:
      return Infix{binds_comparison, Code::equal};
    case TokenKind::not_equal:
      return Infix{binds_comparison, Code::not_equal};
    case TokenKind::plus:
      return Infix{binds_sum, Code::add};
    case TokenKind::minus:
      return Infix{binds_sum, Code::subtract};
    case TokenKind::star:
      return Infix{binds_product, Code::multiply};
    case TokenKind::slash:
      return Infix{binds_product, Code::divide};
    case TokenKind::percent:
      return Infix{binds_product, Code::modulo};
    default:
      return std::nullopt;
  }
}

Compiler::Piece Compiler::read_infix(int least) {
  Piece left = read_operand(least);
  bool compared = false;
  for (;;) {
    const auto found = infix(meaning(lexer_.peek()));
    if (!found || found->binding < least) return left;
    if (found->binding == binds_comparison && compared)
      fail("comparisons cannot be chained; join two with `and`", lexer_.peek().begin);
    lexer_.take();
    if (found->binding <= binds_and) {
      left = read_logic(left, *found);
      continue;
    }
    const Piece right = read_infix(found->binding + 1);
    left = join(left, right, found->code);
    compared = found->binding == binds_comparison;
  }
}

Compiler::Piece Compiler::read_logic(const Piece& left, const Infix& infix) {
  expect_type(left, Type::boolean);
  const bool is_and = infix.code == Code::and_merge;
  const std::uint32_t test = emit(is_and ? Code::and_test : Code::or_test, 0, left.begin, left.end);
  const Piece right = read_infix(infix.binding + 1);
  expect_type(right, Type::boolean);
  const std::uint32_t merge = emit(infix.code, left.part.last, left.begin, right.end);
  made_.steps_[test].argument = merge + 1;
  --operands_;
  return {{left.part.first, merge}, left.begin, right.end, Type::boolean};
}

Compiler::Piece Compiler::join(const Piece& left, const Piece& right, Code code) {
  std::optional<Type> type = Type::number;
  if (is_comparison(code)) {
    check_comparison(left, right, code);
    type = Type::boolean;
    if (left.type == Type::null || right.type == Type::null) code = code == Code::equal ? Code::same : Code::not_same;
  } else {
    if (code == Code::add && (left.type == Type::string || right.type == Type::string))
      fail("strings are joined with concat(s, t)", left.type == Type::string ? left.begin : right.begin);
    need_type(left, Type::number);
    need_type(right, Type::number);
  }
  const std::uint32_t step = emit(code, left.part.last, left.begin, right.end);
  --operands_;
  const Piece whole{{left.part.first, step}, left.begin, right.end, type};
  if (is_comparison(code)) note_comparison(left, right, whole);
  return whole;
}

void Compiler::check_comparison(const Piece& left, const Piece& right, Code code) const {
  const bool by_order = code != Code::equal && code != Code::not_equal;
  for (const Piece* side : {&left, &right}) {
    if (!by_order || !side->type) continue;
    if (*side->type == Type::null) fail("null has no order; ask with == null or != null", side->begin);
    if (*side->type == Type::boolean) fail("true and false have no order", side->begin);
  }
  if (left.type && right.type && *left.type != *right.type && *left.type != Type::null && *right.type != Type::null)
    fail(fmt::format("{} cannot be compared with {}", name_of(*right.type), name_of(*left.type)), right.begin);
}

void Compiler::note_comparison(const Piece& left, const Piece& right, const Piece& whole) {
  Comparison comparison{whole.part, left.part, right.part};
  if (is_constant(left.part) && !is_constant(right.part)) std::swap(comparison.value, comparison.threshold);
  comparisons_.push_back(comparison);
}

bool Compiler::is_constant(Part part) const {
  const auto begin = made_.steps_.begin();
  return std::none_of(begin + part.first, begin + part.last + 1,
                      [](const Step& step) { return step.code == Code::load; });
}

Compiler::Piece Compiler::read_operand(int least) {
  if (++depth_ > limits_.depth) fail("nested too deeply", lexer_.peek().begin);
  const Token token = lexer_.take();
  Piece piece;
  switch (meaning(token)) {
    case TokenKind::number: {
      const auto number = parse_json_number(token.text);
      if (!number) fail("a number beyond a double's range", token.begin);
      made_.numbers_.push_back(*number);
      made_.digits_.push_back(token.text);
      piece = push(Code::number, static_cast<std::uint32_t>(made_.numbers_.size() - 1), token, Type::number);
      break;
    }
    case TokenKind::string:
      made_.strings_.push_back(token.text);
      piece = push(Code::string, static_cast<std::uint32_t>(made_.strings_.size() - 1), token, Type::string);
      break;
    case TokenKind::name:
      if (auto own = token.bare && own_ != nullptr ? own_->read(token, lexer_) : std::nullopt)
        piece = read_field({TokenKind::name, token.begin, own->end, std::move(own->path), false});
      else if (token.bare && lexer_.peek().kind == TokenKind::open)
        piece = read_call(token);
      else
        piece = read_field(token);
      break;
    case TokenKind::open: {
      piece = read_infix(binds_or);
      piece.begin = token.begin;
      piece.end = take_or_fail(TokenKind::close, "expected a closing parenthesis").end;
      break;
    }
    case TokenKind::minus:
      piece = read_prefix(token, binds_prefix, Type::number, Code::negate);
      break;
    case TokenKind::word_not:
      if (least > binds_not) fail("put parentheses around `not …` here", token.begin);
      piece = read_prefix(token, binds_not, Type::boolean, Code::logical_not);
      break;
    case TokenKind::quantity:
      fail("a number with a unit; compare with the bare number", token.begin);
    case TokenKind::end:
      fail("expected a field, a number or a string, but the text ends", token.begin);
    default:
      fail("expected a field, a number or a string", token.begin);
  }
  --depth_;
  return piece;
}

/// Makes a plain number negative, so that it keeps its digits. Returns false for any other piece.
bool Compiler::negate_number(const Piece& piece) {
  const Step& step = made_.steps_[piece.part.first];
  if (piece.part.first != piece.part.last || step.code != Code::number) return false;
  made_.numbers_[step.argument] *= -1;
  std::string& digits = made_.digits_[step.argument];
  digits = digits.starts_with('-') ? digits.substr(1) : '-' + digits;
  made_.spans_[piece.part.first] = {static_cast<std::uint32_t>(piece.begin), static_cast<std::uint32_t>(piece.end)};
  return true;
}

Compiler::Piece Compiler::push(Code code, std::uint32_t argument, const Token& token, std::optional<Type> type) {
  if (++operands_ > max_operands) fail("nested too deeply", token.begin);
  const std::uint32_t step = emit(code, argument, token.begin, token.end);
  return {{step, step}, token.begin, token.end, type};
}

Compiler::Piece Compiler::read_field(Token name) {
  if (name.bare) {
    if (name.text == "true") return push(Code::truth, 0, name, Type::boolean);
    if (name.text == "false") return push(Code::falsehood, 0, name, Type::boolean);
    if (name.text == "null") return push(Code::null, 0, name, Type::null);
    if (is_and(name) || is_or(name)) fail("expected a field, a number or a string", name.begin);
  }
  auto& fields = made_.fields_;
  const auto index = static_cast<std::uint32_t>(std::find(fields.begin(), fields.end(), name.text) - fields.begin());
  if (index == fields.size()) {
    fields.push_back(std::move(name.text));
    made_.numeric_.push_back(0);
  }
  return push(Code::load, index, name, std::nullopt);
}

/// The operand of a prefix operator, which takes and gives a value of `type`.
Compiler::Piece Compiler::read_prefix(const Token& token, int binding, Type type, Code code) {
  Piece piece = read_infix(binding);
  need_type(piece, type);
  piece.begin = token.begin;
  if (code != Code::negate || !negate_number(piece))
    piece.part.last = emit(code, piece.part.last, piece.begin, piece.end);
  piece.type = type;
  return piece;
}

Compiler::Piece Compiler::read_call(const Token& name) {
  const auto function =
      std::find_if(functions.begin(), functions.end(), [&](const Function& each) { return each.name == name.text; });
  if (function == functions.end()) {
    std::string known;
    for (const Function& each : functions) known += fmt::format("{}{}", known.empty() ? "" : ", ", each.name);
    fail(fmt::format("no such function; there are {}", known), name.begin);
  }
  lexer_.take();
  const bool in_pairs =
      function->most == many || (function->code >= Code::contains && function->code <= Code::ends_with);
  std::array<std::uint32_t, 3> ends{};
  Piece so_far;
  std::size_t count = 0;
  while (lexer_.peek().kind != TokenKind::close) {
    if (count > 0) take_or_fail(TokenKind::comma, "expected a comma or a closing parenthesis");
    if (count == function->most) fail(fmt::format("{} takes {} at most", function->name, count), lexer_.peek().begin);
    const Piece argument = read_infix(binds_or);
    const bool of_call = !in_pairs && function->code >= Code::round_to;
    const Type takes = of_call ? wanted_by_call(function->code, count) : function->takes;
    if (takes != Type::null) need_type(argument, takes);
    if (!in_pairs) ends.at(count) = argument.part.last;
    if (count++ == 0)
      so_far = argument;
    else if (in_pairs)
      join_call(so_far, argument, function->code, name.begin);
    else
      --operands_;
  }
  const Token close = lexer_.take();
  if (count < function->least) fail(fmt::format("{} takes {} at least", function->name, function->least), close.begin);
  so_far.begin = name.begin;
  so_far.end = close.end;
  if (!in_pairs) {
    const std::uint32_t argument = count == 3 ? ends[0] | ends[1] << 16U : ends[0];
    so_far.part.last = emit(code_of(*function, count), argument, name.begin, close.end);
  }
  made_.spans_.back().end = static_cast<std::uint32_t>(close.end);
  if (function->gives != Type::null) so_far.type = function->gives;
  return so_far;
}

void Compiler::join_call(Piece& so_far, const Piece& argument, Code code, std::size_t begin) {
  so_far.part.last = emit(code, so_far.part.last, begin, argument.end);
  --operands_;
  if (so_far.type != argument.type) so_far.type = std::nullopt;
}

std::uint32_t Compiler::emit(Code code, std::uint32_t argument, std::size_t begin, std::size_t end) {
  if (made_.steps_.size() == limits_.steps) fail(fmt::format("more than {} steps", limits_.steps), begin);
  made_.steps_.push_back({code, argument});
  made_.spans_.push_back({static_cast<std::uint32_t>(begin), static_cast<std::uint32_t>(end)});
  return static_cast<std::uint32_t>(made_.steps_.size() - 1);
}

void Compiler::need_type(const Piece& piece, Type wanted) {
  expect_type(piece, wanted);
  const Step& last = made_.steps_[piece.part.last];
  if (wanted == Type::number && last.code == Code::load) made_.numeric_[last.argument] = 1;
}

void Compiler::expect_type(const Piece& piece, Type wanted) const {
  if (!piece.type || *piece.type == wanted || *piece.type == Type::null) return;
  fail(fmt::format("{} where {} is needed", name_of(*piece.type), name_of(wanted)), piece.begin);
}

namespace {

/// Compiles from `position` on, which moves to the end of the expression; `expect` is one more check of what was read.
template <typename Expect>
Expression compile_from(std::string_view text, std::size_t& position, Limits limits, Expect expect,
                        OwnNames* own = nullptr) {
  Compiler compiler(text, position, limits, own);
  compiler.read();
  expect(compiler);
  position = compiler.position();
  return compiler.finish();
}

}  // namespace

Expression Expression::compile(std::string_view text, Limits limits) {
  std::size_t position = 0;
  return compile_from(text, position, limits, [](Compiler& compiler) { compiler.expect_end(); });
}

Expression Expression::compile_prefix(std::string_view text, std::size_t& position, Limits limits) {
  return compile_from(text, position, limits, [](Compiler&) {});
}

Expression Expression::compile_prefix(std::string_view text, std::size_t& position, OwnNames& own) {
  return compile_from(
      text, position, {}, [](Compiler&) {}, &own);
}

Expression Expression::compile_condition_prefix(std::string_view text, std::size_t& position, OwnNames& own) {
  return compile_from(
      text, position, {}, [](Compiler& compiler) { compiler.expect_condition(); }, &own);
}

Expression Expression::compile_condition(std::string_view text, Limits limits) {
  std::size_t position = 0;
  return compile_from(text, position, limits, [](Compiler& compiler) {
    compiler.expect_end();
    compiler.expect_condition();
  });
}

Expression Expression::compile_condition_prefix(std::string_view text, std::size_t& position, Limits limits) {
  return compile_from(text, position, limits, [](Compiler& compiler) { compiler.expect_condition(); });
}

}  // namespace weir::expr
