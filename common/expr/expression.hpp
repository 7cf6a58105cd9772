// Expressions over the fields of a record: compiled once, evaluated for every record without allocating.
#pragma once
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "expr/code.hpp"
#include "expr/result.hpp"
#include "expr/syntax_error.hpp"
#include "record/record.hpp"

namespace weir::expr {

class OwnNames;

/// The most operands that the deepest expression has on the stack.
inline constexpr std::size_t max_operands = 128;

/// A part of an expression: its steps, first and last.
struct Part {
  std::uint32_t first = 0;
  std::uint32_t last = 0;
};

/// A comparison as a measured value and its limit: left side and right side, unless only the left side is a constant.
struct Comparison {
  Part whole;
  Part value;
  Part threshold;
};

/// Limits of an expression, against overflow of the stack and of memory.
struct Limits {
  std::size_t text = 16 * 1024;  ///< bytes
  std::size_t steps = 4096;
  std::size_t depth = 64;  ///< nesting of parentheses, functions and prefix operators
};

/// An arithmetic or logical expression over named fields.
///
/// Operators, loosest first: `or ||`, `and &&`, `not !`, `> >= < <= == !=` (not chained), `+ -`, `* / %`, prefix `-`.
/// Operands are numbers, strings in single or double quotes, `true`, `false`, `null`, field paths and functions. The
/// functions are abs, round, floor, ceil, sqrt, min, max, coalesce, contains, starts_with, ends_with, and lower, upper,
/// trim, length, left, right, substr, replace, concat. Characters are those of UTF-8.
///
/// A missing or null field makes arithmetic and comparisons unknown (null). So does a result that is not finite, such
/// as a division by zero. `and` and `or` follow Kleene's logic of three values: `false and unknown` is false, `true or
/// unknown` is true. The right side is not evaluated when the left one decides.
///
/// With a literal `null` on one side, == and != test whether the other side is unknown. Values of different types are
/// not equal. Only two numbers, or two strings (by their bytes), have an order. Numbers are doubles.
class Expression {
 public:
  /// Compiles the whole text. Throws SyntaxError.
  static Expression compile(std::string_view text, Limits limits = {});

  /// Compiles the longest expression that begins at `position`, and moves `position` to the next token. Throws
  /// SyntaxError.
  static Expression compile_prefix(std::string_view text, std::size_t& position, Limits limits = {});

  /// As compile() and compile_prefix(), for a condition: throws also when the value can be neither true nor false.
  static Expression compile_condition(std::string_view text, Limits limits = {});
  static Expression compile_condition_prefix(std::string_view text, std::size_t& position, Limits limits = {});

  /// As above, with operands of the tool's own among its fields.
  static Expression compile_prefix(std::string_view text, std::size_t& position, OwnNames& own);
  static Expression compile_condition_prefix(std::string_view text, std::size_t& position, OwnNames& own);

  /// The fields that the expression reads, as FieldSet paths, each once.
  const std::vector<std::string>& fields() const { return fields_; }

  /// Adds the fields to a set; call it before records are evaluated. Throws std::invalid_argument on an invalid path.
  void bind(FieldSet& fields);

  /// Evaluates a record whose parser reads the bound set. A value of the wrong type gives an error as the result.
  Result evaluate(const Record& record) const { return evaluate(whole(), record); }
  /// Evaluates with operands[i] in place of fields()[i].
  Result evaluate(std::span<const Result> operands) const;
  /// Whether it is arithmetic, comparisons and logic of numbers alone, which evaluate_numbers() does in fewer steps.
  bool is_of_numbers() const { return of_numbers_ != Type::null; }
  /// As evaluate() into an empty result, for numbers that were written with at most 15 characters, one a field. False
  /// where a value is not finite: evaluate() tells what the result is then.
  bool evaluate_numbers(const double* operands, Result& result) const;
  /// Evaluates a part.
  Result evaluate(Part part, const Record& record) const;

  /// As evaluate(); a value that is neither true, false nor unknown becomes an error.
  Result test(const Record& record) const { return condition(evaluate(whole(), record)); }
  Result test(std::span<const Result> operands) const { return condition(evaluate(operands)); }

  /// The text of an error, such as `temperature_c is a string where a number is needed`.
  std::string error_text(const Result& result) const;

  /// The expression as written, without blanks around it.
  const std::string& text() const { return text_; }
  /// A part as written.
  std::string_view text(Part part) const;

  /// Whether it works with strings: it has one, or a function that takes one.
  bool handles_text() const;
  /// Whether fields()[i] is an operand of arithmetic, so that no value but a number is of use.
  bool needs_number(std::size_t i) const { return numeric_[i] != 0; }

  Part whole() const { return {0, static_cast<std::uint32_t>(steps_.size() - 1)}; }

  /// The comparisons that decide the condition, left to right: the condition itself, or those that `and` and `or` join.
  const std::vector<Comparison>& comparisons() const { return comparisons_; }

  /// Appends a part's value as a JSON token: fields and literals as written, other values as computed, errors as
  /// `null`.
  void append_token(std::string& out, Part part, const Record& record) const;

 private:
  friend class Compiler;
  struct Span {
    std::uint32_t begin = 0;  ///< bytes of text_, end not included
    std::uint32_t end = 0;
  };

  Expression() = default;
  void find_of_numbers();
  Result condition(const Result& result) const;
  template <typename Load>
  Result run(Part part, const Load& load) const;

  std::string text_;
  std::vector<Step> steps_;
  std::vector<Span> spans_;  ///< for each step, the part that ends with it
  std::vector<double> numbers_;
  std::vector<std::string> digits_;  ///< of the numbers, as written
  std::vector<std::string> strings_;
  std::vector<std::string> fields_;
  std::vector<char> numeric_;  ///< for each field, whether arithmetic takes it
  std::vector<FieldId> ids_;
  std::vector<Comparison> comparisons_;
  Type of_numbers_ = Type::null;  ///< what it is where all operands are numbers; null where that is not so plain
};

/// A field's value as an operand: missing and null are unknown.
Result result_of(const Value& value);

}  // namespace weir::expr
