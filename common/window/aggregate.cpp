#include "window/aggregate.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "expr/expression.hpp"
#include "record/field_set.hpp"
#include "record/number.hpp"

namespace weir {
namespace {

constexpr std::array<std::pair<std::string_view, Function>, 19> functions{{{"count", Function::count},
                                                                           {"sum", Function::sum},
                                                                           {"avg", Function::avg},
                                                                           {"min", Function::min},
                                                                           {"max", Function::max},
                                                                           {"first", Function::first},
                                                                           {"last", Function::last},
                                                                           {"stddev", Function::stddev},
                                                                           {"stddev_pop", Function::stddev_pop},
                                                                           {"var", Function::var},
                                                                           {"var_pop", Function::var_pop},
                                                                           {"median", Function::quantile},
                                                                           {"distinct", Function::distinct},
                                                                           {"range", Function::range},
                                                                           {"delta", Function::delta},
                                                                           {"rate", Function::rate},
                                                                           {"twa", Function::twa},
                                                                           {"integral", Function::integral},
                                                                           {"increase", Function::increase}}};

/// Units of time of `per`, in seconds.
constexpr std::array<std::pair<std::string_view, double>, 4> units{
    {{"second", 1}, {"minute", 60}, {"hour", 3600}, {"day", 86400}}};

constexpr int most_decimals = 15;

std::string known_functions() {
  std::string names;
  for (const auto& [name, function] : functions) names += (names.empty() ? "" : ", ") + std::string(name);
  return names + ", pNN";
}

/// The quantile of `p95` or `p99.9`; nothing for another name.
std::optional<double> parse_percentile(std::string_view name) {
  if (name.size() < 2 || (name[0] != 'p' && name[0] != 'P')) return std::nullopt;
  const auto percent = parse_json_number(name.substr(1));
  if (!percent || *percent < 0 || *percent > 100) return std::nullopt;
  return *percent / 100;
}

class Parser {
 public:
  explicit Parser(std::string_view text) : text_(text) {}

  std::vector<Aggregate> parse() {
    std::vector<Aggregate> list;
    do {
      const std::size_t start = skip_blanks();
      for (Aggregate& next : item()) {
        const bool taken = std::any_of(list.begin(), list.end(), [&](const Aggregate& a) {
          return next.every_field ? a.every_field && a.function == next.function && a.quantile == next.quantile
                                  : !a.every_field && a.name == next.name;
        });
        if (taken && next.every_field) fail(start, "the same function of every field a second time");
        if (taken)
          fail(start, fmt::format("a second column named '{}'; give it another name with 'as NAME'", next.name));
        list.push_back(std::move(next));
      }
      skip_blanks();
    } while (accept(','));
    if (at_ != text_.size()) fail(at_, "expected ',' or the end");
    return list;
  }

 private:
  /// Reads one function: a column, or one for each of several fields.
  std::vector<Aggregate> item() {
    std::vector<Aggregate> columns = rounded_call();
    std::size_t before = skip_blanks();
    std::string next = bare_name();
    if (next == "if" || next == "IF") {
      if (columns.front().every_field || !columns.front().condition.empty())
        fail(before,
             fmt::format("'if' does not go with {}", columns.front().every_field ? "'*'" : "a condition within"));
      skip_blanks();
      const std::string condition = read_condition();
      for (Aggregate& column : columns) column.condition = condition;
      before = skip_blanks();
      next = bare_name();
    }
    if (next == "as" || next == "AS") {
      skip_blanks();
      const std::size_t name_at = at_;
      if (columns.size() > 1 || columns.front().every_field)
        fail(before, "'as NAME' cannot name several fields: leave it out");
      columns.front().name = name();
      if (columns.front().name.empty()) fail(name_at, "expected a name after 'as'");
    } else {
      if (!next.empty()) fail(before, fmt::format("expected 'as', ',' or the end, not '{}'", next));
      for (Aggregate& column : columns) {
        if (column.every_field) continue;
        if (column.field.empty() && !column.condition.empty())
          fail(before, "a count under a condition needs a name: 'as NAME'");
        column.name = default_name(called_, column.field);
      }
    }
    return columns;
  }

  /// Reads `round(CALL, N)`, or a call.
  std::vector<Aggregate> rounded_call() {
    const std::size_t start = at_;
    const std::string given = bare_name();
    skip_blanks();
    if (!is_same_name(given, "round") || !accept('(')) {
      at_ = start;
      return call();
    }
    skip_blanks();
    std::vector<Aggregate> columns = call();
    skip_blanks();
    if (!accept(',')) fail(at_, "expected ',' and a number of decimals: round(avg(FIELD), 1)");
    const std::size_t number_at = skip_blanks();
    const auto decimals = parse_json_number(bare_name());
    if (!decimals || *decimals < 0 || *decimals > most_decimals || *decimals != static_cast<int>(*decimals))
      fail(number_at, fmt::format("expected a number of decimals, 0 to {}", most_decimals));
    skip_blanks();
    if (!accept(')')) fail(at_, "expected ')'");
    for (Aggregate& column : columns) column.decimals = static_cast<std::int8_t>(*decimals);
    return columns;
  }

  /// Reads `FUNCTION(FIELDS)` and what belongs to the function.
  std::vector<Aggregate> call() {
    const std::size_t start = at_;
    const std::string given = bare_name();
    if (given.empty()) fail(start, fmt::format("expected a function ({})", known_functions()));
    Aggregate made;
    const auto function = find_function(given);
    const auto percentile = parse_percentile(given);
    if (!function && !percentile)
      fail(start, fmt::format("there is no function '{}'; there are {}", given, known_functions()));
    made.function = function.value_or(Function::quantile);
    if (made.function == Function::quantile) made.quantile = percentile.value_or(0.5);
    called_ = function ? name_of(*function) : given;
    skip_blanks();
    if (!accept('(')) fail(at_, fmt::format("expected '(' after '{}'", given));
    std::vector<Aggregate> columns = arguments(made);
    skip_blanks();
    if (!accept(')')) fail(at_, "expected ')'");
    read_manner(columns);
    return columns;
  }

  /// Reads `carry` of twa and `per UNIT` of integral.
  void read_manner(std::vector<Aggregate>& columns) {
    const std::size_t start = skip_blanks();
    const std::string word = bare_name();
    const Function function = columns.front().function;
    if (function == Function::twa && is_same_name(word, "carry")) {
      for (Aggregate& column : columns) column.carry = true;
    } else if (function == Function::integral) {
      skip_blanks();
      const std::string unit = is_same_name(word, "per") ? bare_name() : "";
      const auto found =
          std::find_if(units.begin(), units.end(), [&](const auto& each) { return is_same_name(unit, each.first); });
      if (found == units.end())
        fail(start,
             "integral needs its unit of time: 'integral(FIELD) per hour' (W becomes Wh), or per second, minute, day");
      for (Aggregate& column : columns) column.per = found->second;
    } else {
      at_ = start;
    }
  }

  std::vector<Aggregate> arguments(const Aggregate& made) {
    std::vector<Aggregate> columns;
    do {
      Aggregate column = made;
      const std::size_t start = skip_blanks();
      if (accept('*')) {
        if (!columns.empty()) fail(start, "'*' stands alone");
        column.every_field = made.function != Function::count;
      } else if (made.function == Function::count && !is_field_ahead()) {
        column.condition = read_condition();
      } else {
        column.field = field(made.function);
      }
      columns.push_back(std::move(column));
      if (columns.back().every_field || columns.back().field.empty()) break;
      skip_blanks();
    } while (accept(','));
    return columns;
  }

  /// Whether the text between these parentheses is a path or empty; otherwise it is a condition.
  bool is_field_ahead() {
    const std::size_t start = at_;
    bool is_field = true;
    if (peek() == '"') {
      quoted_name();
    } else {
      is_field = bare_name().find_first_of("<>=!&|+'/%`") == std::string::npos;
    }
    skip_blanks();
    is_field = is_field && (peek() == ')' || peek() == ',');
    at_ = start;
    return is_field;
  }

  std::string read_condition() {
    try {
      return expr::Expression::compile_condition_prefix(text_, at_).text();
    } catch (const expr::SyntaxError& error) {
      fail(std::min(error.position(), text_.size()), error.reason());
    }
  }

  std::string field(Function function) {
    const std::size_t start = at_;
    const bool quoted = peek() == '"';
    std::string field = name();
    if (field.empty() && (quoted || function != Function::count))
      fail(start, fmt::format("expected a field: {}(FIELD)", called_));
    if (!field.empty()) {
      const auto segments = FieldSet::split(field);
      if (std::any_of(segments.begin(), segments.end(), [](const std::string& s) { return s.empty(); }))
        fail(start, fmt::format("the path '{}' has an empty part", field));
    }
    return field;
  }

  static std::optional<Function> find_function(std::string_view given) {
    for (const auto& [name, function] : functions)
      if (is_same_name(given, name)) return function;
    return std::nullopt;
  }

  /// Whether a name is a word in small letters, however it is written.
  static bool is_same_name(std::string_view given, std::string_view name) {
    return std::equal(given.begin(), given.end(), name.begin(), name.end(), [](char typed, char wanted) {
      return (typed >= 'A' && typed <= 'Z' ? static_cast<char>(typed - 'A' + 'a') : typed) == wanted;
    });
  }

  std::string name() { return peek() == '"' ? quoted_name() : bare_name(); }

  std::string bare_name() {
    const std::size_t end = std::min(text_.find_first_of(" \t\r\n,()\"*", at_), text_.size());
    const std::string_view name = text_.substr(at_, end - at_);
    at_ = end;
    return std::string(name);
  }

  std::string quoted_name() {
    const std::size_t start = at_++;
    std::string name;
    for (; at_ < text_.size() && text_[at_] != '"'; ++at_) {
      const bool escapes =
          text_[at_] == '\\' && at_ + 1 < text_.size() && (text_[at_ + 1] == '"' || text_[at_ + 1] == '\\');
      if (escapes) ++at_;
      name += text_[at_];
    }
    if (!accept('"')) fail(start, "this quote is not closed");
    return name;
  }

  char peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }
  bool accept(char c) {
    if (at_ >= text_.size() || text_[at_] != c) return false;
    ++at_;
    return true;
  }
  std::size_t skip_blanks() {
    at_ = std::min(text_.find_first_not_of(" \t\r\n", at_), text_.size());
    return at_;
  }
  [[noreturn]] void fail(std::size_t position, const std::string& problem) const {
    throw AggregateSyntaxError(text_, position, problem);
  }

  std::string_view text_;
  std::size_t at_ = 0;
  std::string called_;  ///< the current function, as written
};

}  // namespace

std::string name_of(Function function, double quantile) {
  if (function == Function::quantile && quantile != 0.5) return fmt::format("p{:g}", quantile * 100);
  for (const auto& [name, each] : functions)
    if (each == function) return std::string(name);
  return {};
}

bool needs_number(const Aggregate& column) {
  switch (column.function) {
    case Function::count:
    case Function::distinct:
      return false;
    case Function::first:
    case Function::last:
      return column.decimals.has_value();  // text cannot be rounded
    default:
      return true;
  }
}

bool carries(const Aggregate& column) {
  return column.carry || column.function == Function::integral || column.function == Function::increase;
}

std::string default_name(std::string_view function, std::string_view field) {
  if (field.empty()) return std::string(function);
  return fmt::format("{}_{}", FieldSet::plain_name(field), function);
}

AggregateSyntaxError::AggregateSyntaxError(std::string_view text, std::size_t position, const std::string& problem)
    : std::invalid_argument(
          fmt::format("at character {} ({}): {}", position + 1,
                      position < text.size() ? fmt::format("'{}'", text.substr(position, 20)) : "the end", problem)) {}

std::vector<Aggregate> parse_aggregates(std::string_view text) { return Parser(text).parse(); }

}  // namespace weir
