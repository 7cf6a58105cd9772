#include "rule.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>

#include "expr/lexer.hpp"
#include "record/field_set.hpp"
#include "time/duration.hpp"

namespace weir::thresh_alert {
namespace {

using expr::Expression;
using expr::Lexer;
using expr::SyntaxError;
using expr::Token;
using expr::TokenKind;

constexpr std::uint32_t most_records = 64;

bool is_keyword(const Token& token, std::string_view keyword) { return token.bare && token.text == keyword; }

bool is_comparison(TokenKind kind) { return kind >= TokenKind::equal && kind <= TokenKind::greater_equal; }

/// The name in `NAME: …`; outside quotes a rule has no other colon.
std::string_view leading_name(std::string_view text) {
  const auto in_name = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-' ||
           c == '.';
  };
  std::size_t end = 0;
  while (end < text.size() && in_name(text[end])) ++end;
  return end > 0 && end < text.size() && text[end] == ':' ? text.substr(0, end) : std::string_view();
}

/// `for DURATION` in a text.
struct Hold {
  Duration length;
  std::size_t begin;
  std::size_t end;
};

/// Nothing where something else stands there.
std::optional<Hold> hold_at(std::string_view text, std::size_t position) {
  Lexer lexer(text, position);
  const Token word = lexer.take();
  if (!is_keyword(word, "for")) return std::nullopt;
  const Token quantity = lexer.take();
  const auto length = quantity.kind == TokenKind::quantity ? parse_duration(quantity.text) : std::nullopt;
  if (!length) return std::nullopt;
  return Hold{*length, word.begin, quantity.end};
}

/// Reads the clauses after a condition.
class ClauseReader {
 public:
  ClauseReader(std::string_view text, std::size_t position) : text_(text), position_(position) {}

  Clauses read() {
    for (;;) {
      Lexer lexer(text_, position_);
      const Token token = lexer.take();
      if (token.kind == TokenKind::end) return clauses_;
      if (is_keyword(token, "for")) {
        const Token next = lexer.take();
        if (next.kind == TokenKind::number) {
          if (!is_keyword(lexer.peek(), "of"))
            throw SyntaxError(fmt::format("for {0} what? Write `for {0}m` or `for {0} of N`", next.text), text_,
                              next.begin);
          read_share(lexer, next);
        } else {
          set(clauses_.hold, duration(next), token);
        }
      } else if (token.kind == TokenKind::number) {
        read_share(lexer, token);
      } else if (is_keyword(token, "absent")) {
        const Token next = lexer.take();
        if (!is_keyword(next, "for")) throw SyntaxError("expected `absent for` and a duration", text_, next.begin);
        set(clauses_.absent, duration(lexer.take()), token);
      } else if (is_keyword(token, "cooldown")) {
        set(clauses_.cooldown, duration(lexer.take()), token);
      } else if (is_keyword(token, "keep")) {
        set(clauses_.keep, duration(lexer.take()), token);
      } else if (is_keyword(token, "expire")) {
        set(clauses_.expire, duration(lexer.take()), token);
      } else if (is_keyword(token, "level")) {
        set(clauses_.level, level(lexer.take()), token);
      } else if (is_keyword(token, "clear")) {
        read_clear(lexer, token);
        continue;
      } else if (token.kind == TokenKind::close) {
        throw SyntaxError("a closing parenthesis without an opening one", text_, token.begin);
      } else {
        throw SyntaxError("expected an operator, or one of for, clear, keep, expire, absent, cooldown, level", text_,
                          token.begin);
      }
      position_ = lexer.peek().begin;
    }
  }

 private:
  template <typename T>
  void set(std::optional<T>& target, T value, const Token& token) {
    if (target)
      throw SyntaxError(fmt::format("a second `{}`", text_.substr(token.begin, token.end - token.begin)), text_,
                        token.begin);
    target = std::move(value);
  }

  Duration duration(const Token& token) const {
    const auto length = token.kind == TokenKind::quantity ? parse_duration(token.text) : std::optional<Duration>();
    if (!length) throw SyntaxError("expected a duration with its unit, such as 90s or 5m", text_, token.begin);
    return *length;
  }

  Level level(const Token& token) const {
    if (is_keyword(token, "warning")) return Level::warning;
    if (is_keyword(token, "critical")) return Level::critical;
    throw SyntaxError("expected `warning` or `critical`", text_, token.begin);
  }

  std::uint32_t count(const Token& token) const {
    std::uint32_t value = 0;
    const char* const end = token.text.data() + token.text.size();
    const auto read = std::from_chars(token.text.data(), end, value);
    if (token.kind != TokenKind::number || read.ec != std::errc{} || read.ptr != end || value == 0 ||
        value > most_records)
      throw SyntaxError(fmt::format("expected a count from 1 to {}", most_records), text_, token.begin);
    return value;
  }

  void read_share(Lexer& lexer, const Token& first) {
    Share share;
    share.needed = count(first);
    const Token token = lexer.take();
    if (!is_keyword(token, "of")) throw SyntaxError("expected `of`, as in `3 of 5`", text_, token.begin);
    const Token last = lexer.take();
    share.among = count(last);
    if (share.needed > share.among) throw SyntaxError("M of N needs M <= N", text_, first.begin);
    if (clauses_.share) throw SyntaxError("a second `M of N`", text_, first.begin);
    clauses_.share = share;
  }

  /// Stores the text with the duration after it; it can be read only together with the rule's condition.
  void read_clear(Lexer& lexer, const Token& token) {
    const std::size_t begin = lexer.peek().begin;
    std::size_t end = begin;
    if (is_keyword(lexer.peek(), "for")) {
    } else if (is_comparison(lexer.peek().kind)) {
      static constexpr std::string_view left = "x ";
      const std::string whole = std::string(left) + std::string(text_.substr(begin));
      end = 0;
      try {
        Expression::compile_condition_prefix(whole, end);
      } catch (const SyntaxError& error) {
        throw SyntaxError(error.reason(), text_, begin + std::max(error.position(), left.size()) - left.size());
      }
      end = begin + end - left.size();
    } else {
      Expression::compile_condition_prefix(text_, end);
    }
    if (const auto hold = hold_at(text_, end)) end = hold->end;
    if (end == begin) throw SyntaxError("expected a duration with its unit, such as 90s or 5m", text_, begin);
    std::string_view clear = text_.substr(begin, end - begin);
    while (!clear.empty() && static_cast<unsigned char>(clear.back()) <= ' ') clear.remove_suffix(1);
    set(clauses_.clear, std::string(clear), token);
    position_ = end;
  }

  std::string_view text_;
  std::size_t position_;
  Clauses clauses_;
};

/// `CONDITION`, `CONDITION for DURATION` or `for DURATION`.
void set_clear(LevelRule& level, const std::string& text) {
  if (const auto hold = hold_at(text, 0); hold && Lexer(text, hold->end).peek().kind == TokenKind::end) {
    level.clear_hold = hold->length;
    return;
  }
  std::string whole = text;
  if (is_comparison(Lexer(text).peek().kind)) {
    const Expression& when = level.when;
    if (when.comparisons().empty())
      throw RuleError(
          fmt::format("`clear {}` needs a comparison in `{}`: write the whole condition", text, when.text()));
    whole = fmt::format("({}) {}", when.text(when.comparisons().front().value), text);
  }
  std::size_t end = 0;
  level.clear = Expression::compile_condition_prefix(whole, end);
  if (const auto hold = hold_at(whole, end)) {
    level.clear_hold = hold->length;
    end = hold->end;
  }
  const Token rest = Lexer(whole, end).peek();
  if (rest.kind != TokenKind::end)
    throw SyntaxError("expected an operator, or `for` and a duration", whole, rest.begin);
}

void expect_no_level(const RuleText& text, std::string_view option) {
  if (text.clauses.level) throw RuleError(fmt::format("{} has a level of its own: leave `level` out", option));
  if (!text.when) throw RuleError(fmt::format("{} needs a condition", option));
}

/// An error message begins with the option.
template <typename Make>
auto from_option(std::string_view option, const Make& make) {
  try {
    return make();
  } catch (const RuleError& error) {
    throw RuleError(fmt::format("{}: {}", option, error.what()));
  }
}

void finish(Rule& rule, const Clauses& clauses) {
  rule.absent = clauses.absent;
  rule.cooldown = clauses.cooldown.value_or(Duration(0));
}

}  // namespace

std::string_view name_of(Level level) {
  switch (level) {
    case Level::ok:
      return "ok";
    case Level::warning:
      return "warning";
    case Level::critical:
      return "critical";
    case Level::absent:
      return "absent";
  }
  return "";
}

const LevelRule* Rule::at(Level level) const {
  for (const LevelRule& each : levels)
    if (each.level == level) return &each;
  return nullptr;
}

void Clauses::fill_from(const Clauses& defaults) {
  if (!hold) hold = defaults.hold;
  if (!share) share = defaults.share;
  if (!clear) clear = defaults.clear;
  if (!keep) keep = defaults.keep;
  if (!expire) expire = defaults.expire;
  if (!absent) absent = defaults.absent;
  if (!cooldown) cooldown = defaults.cooldown;
  if (!level) level = defaults.level;
}

RuleText parse_rule_text(std::string_view text) {
  while (!text.empty() && static_cast<unsigned char>(text.front()) <= ' ') text.remove_prefix(1);
  while (!text.empty() && static_cast<unsigned char>(text.back()) <= ' ') text.remove_suffix(1);
  RuleText rule;
  rule.name = leading_name(text);
  std::size_t position = rule.name.empty() ? 0 : rule.name.size() + 1;
  try {
    Lexer lexer(text, position);
    const Token first = lexer.take();
    if (is_keyword(first, "absent") && is_keyword(lexer.peek(), "for")) {
      rule.clauses = ClauseReader(text, first.begin).read();
      if (rule.clauses.hold || rule.clauses.share || rule.clauses.clear || rule.clauses.keep || rule.clauses.expire ||
          rule.clauses.level)
        throw RuleError("`absent for` without a condition takes only `cooldown`");
      rule.text = fmt::format("absent for {}", format_duration(*rule.clauses.absent));
    } else {
      rule.when = Expression::compile_condition_prefix(text, position);
      rule.text = rule.when->text();
      rule.clauses = ClauseReader(text, position).read();
    }
  } catch (const SyntaxError& error) {
    throw RuleError(error.what());
  }
  return rule;
}

Share parse_share(std::string_view text) {
  try {
    const Clauses clauses = ClauseReader(text, 0).read();
    if (clauses.share) return *clauses.share;
  } catch (const SyntaxError& error) {
    throw RuleError(error.what());
  }
  throw RuleError("expected M of N, such as 3 of 5");
}

LevelRule make_level(Level level, Expression when, const Clauses& clauses) {
  LevelRule made{level, std::move(when)};
  made.hold = clauses.hold.value_or(Duration(0));
  made.keep = clauses.keep.value_or(Duration(0));
  made.expire = clauses.expire;
  made.share = clauses.share.value_or(Share());
  try {
    if (clauses.clear) set_clear(made, *clauses.clear);
  } catch (const SyntaxError& error) {
    throw RuleError(error.what());
  }
  return made;
}

Rule make_rule(std::string_view text, const Clauses& defaults) {
  RuleText read = parse_rule_text(text);
  read.clauses.fill_from(defaults);
  Rule rule;
  rule.name = read.name.empty() ? read.text : read.name;
  const Level level = read.clauses.level.value_or(Level::warning);
  if (read.when) rule.levels.push_back(make_level(level, std::move(*read.when), read.clauses));
  finish(rule, read.clauses);
  return rule;
}

Rule make_rule(std::string_view warning, std::string_view critical, const Clauses& defaults) {
  Rule rule;
  Clauses joined;
  std::string texts;
  const std::array<std::pair<Level, std::string_view>, 2> levels{
      {{Level::warning, warning}, {Level::critical, critical}}};
  for (const auto& [level, text] : levels) {
    if (text.empty()) continue;
    const bool is_warning = level == Level::warning;
    const std::string_view option = is_warning ? "--warn" : "--crit";
    RuleText read = from_option(option, [&, part = text] { return parse_rule_text(part); });
    expect_no_level(read, option);
    if (!rule.name.empty() && !read.name.empty() && rule.name != read.name)
      throw RuleError("--warn and --crit are two levels of one rule, but have two names");
    if (rule.name.empty()) rule.name = read.name;
    texts += (texts.empty() ? "" : ", ") + read.text;
    if (!joined.absent) joined.absent = read.clauses.absent;
    if (!joined.cooldown) joined.cooldown = read.clauses.cooldown;
    read.clauses.fill_from(defaults);
    rule.levels.push_back(make_level(level, std::move(*read.when), read.clauses));
  }
  if (rule.name.empty()) rule.name = texts;
  joined.fill_from(defaults);
  finish(rule, joined);
  return rule;
}

std::vector<Rule> make_rules(const RuleOptions& options) {
  std::vector<Rule> rules;
  Clauses defaults = options.defaults;
  if (!options.share.empty()) defaults.share = parse_share(options.share);
  for (const std::string& text : options.rules) {
    if (text.empty()) throw RuleError("--rule: an empty rule");
    rules.push_back(from_option("--rule", [&] { return make_rule(text, defaults); }));
  }
  if (!options.warning.empty() || !options.critical.empty()) {
    rules.push_back(make_rule(options.warning, options.critical, defaults));
    if (!options.name.empty()) rules.back().name = options.name;
  } else if (!options.name.empty()) {
    throw RuleError("a name goes with --warn and --crit; before another rule write `NAME: …`");
  }
  if (rules.empty() && defaults.absent) {
    Rule& rule = rules.emplace_back();
    rule.name = fmt::format("absent for {}", format_duration(*defaults.absent));
    finish(rule, defaults);
  }
  if (options.message.empty()) return rules;
  try {
    for (Rule& rule : rules) rule.message = MessageTemplate(options.message);
  } catch (const std::invalid_argument& error) {
    throw RuleError(fmt::format("--message: {}", error.what()));
  }
  return rules;
}

std::string spell_field(std::string_view path) {
  const auto is_plain = [](const std::string& segment) {
    const auto letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; };
    static constexpr std::array<std::string_view, 9> taken{"and", "or",   "not",   "AND", "OR",
                                                           "NOT", "true", "false", "null"};
    return letter(segment.front()) && std::find(taken.begin(), taken.end(), segment) == taken.end() &&
           std::all_of(segment.begin(), segment.end(), [&](char c) { return letter(c) || (c >= '0' && c <= '9'); });
  };
  std::string spelled;
  for (const std::string& segment : FieldSet::split(path)) {
    if (!spelled.empty()) spelled += '.';
    if (segment.empty()) throw RuleError(fmt::format("a field path has an empty part: '{}'", path));
    if (is_plain(segment)) {
      spelled += segment;
      continue;
    }
    spelled += '`';
    for (const char c : segment) {
      spelled += c;
      if (c == '`') spelled += c;
    }
    spelled += '`';
  }
  return spelled;
}

}  // namespace weir::thresh_alert
