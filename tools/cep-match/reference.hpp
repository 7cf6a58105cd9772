// What expressions over a match refer to: `a.temp`, `last(a.temp, 1)`, `prev(temp)`, `avg(a.temp)`, `count(a)`.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "expr/expression.hpp"
#include "expr/own_names.hpp"
#include "pattern.hpp"
#include "record/record.hpp"

namespace weir::cep_match {

/// The fields that expressions read, each once.
class Fields {
 public:
  explicit Fields(FieldSet& set) : set_(set) {}

  /// The index of a path. `use` is what names it.
  std::uint32_t add(std::string_view path, const std::string& use);
  std::size_t size() const { return ids_.size(); }
  const std::vector<FieldId>& ids() const { return ids_; }
  const std::string& path(std::size_t index) const { return set_.path(ids_[index]); }
  const std::string& use(std::size_t index) const { return uses_[index]; }

 private:
  FieldSet& set_;
  std::vector<FieldId> ids_;
  std::vector<std::string> uses_;
};

/// What is taken from a record of the match.
struct Target {
  enum class Kind : std::uint8_t { field, expression, classifier, time, record };
  Kind kind = Kind::record;
  std::uint32_t index = 0;  ///< of a field among Fields, of an expression among those of ExpressionReader

  bool operator==(const Target& other) const = default;
};

enum class Aggregate : std::uint8_t { count, sum, avg, min, max };

/// An operand of an expression over a match.
struct Reference {
  enum class Kind : std::uint8_t { navigation, aggregate, match_number };
  Kind kind = Kind::navigation;
  Target target;
  Labels labels = all_labels;  ///< of these variables
  bool first = false;          ///< counted from the first such record, not from the last
  bool final = false;          ///< of the whole match, not up to the current record
  std::uint32_t offset = 0;    ///< so many such records on, or back
  std::int32_t physical = 0;   ///< from there so many records of the key on, or back if below 0
  Aggregate aggregate = Aggregate::count;

  bool operator==(const Reference& other) const = default;
};

/// The value that a target has, as an expression over the fields of one record.
struct RecordExpression {
  expr::Expression expression;
  std::vector<std::uint32_t> fields;  ///< of Expression::fields(), among Fields
};

/// An expression over a match.
struct MatchExpression {
  expr::Expression expression;
  std::vector<Reference> operands;  ///< of Expression::fields()
};

/// Reads expressions over a match.
class ExpressionReader : public expr::OwnNames {
 public:
  ExpressionReader(const Variables& variables, Fields& fields) : variables_(variables), fields_(fields) {}

  /// Reads the longest expression from `position` on, which moves to the next token. `use` is what the expression is
  /// for. Throws expr::SyntaxError.
  MatchExpression read(std::string_view text, std::size_t& position, const std::string& use);
  /// As read(), of a condition.
  MatchExpression read_condition(std::string_view text, std::size_t& position, const std::string& use);

  /// The expressions over one record that references have as their targets.
  std::vector<RecordExpression>& record_expressions() { return expressions_; }

  std::optional<Operand> read(const expr::Token& name, expr::Lexer& lexer) override;

 private:
  bool read_call(std::string_view function, const expr::Token& name, expr::Lexer& lexer, Reference& made);
  bool read_aggregate(std::string_view function, expr::Lexer& lexer, Reference& made);
  bool read_all_records(std::size_t begin, expr::Lexer& lexer, Reference& made);
  void read_navigation(bool first, expr::Lexer& lexer, Reference& made);
  void read_neighbour(int sign, expr::Lexer& lexer, Reference& made);
  void read_target(expr::Lexer& lexer, Reference& made);
  std::uint32_t read_offset(expr::Lexer& lexer, std::uint32_t usual);
  Reference reference_of(const std::string& path);
  std::string split(std::string_view path, Labels& labels) const;
  MatchExpression finish(expr::Expression expression);

  const Variables& variables_;
  Fields& fields_;
  std::vector<RecordExpression> expressions_;
  std::vector<Reference> made_;  ///< of the current expression
  std::string use_;
};

}  // namespace weir::cep_match
