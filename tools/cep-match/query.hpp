// What is looked for, read from either form of writing it.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "pattern.hpp"
#include "program.hpp"
#include "reference.hpp"
#include "settings.hpp"

namespace weir::cep_match {

struct Measure {
  std::string name;
  MatchExpression expression;
};

/// The form of a query.
enum class Form : std::uint8_t { line, match_recognize };

struct Query {
  explicit Query(Form its_form) : form(its_form), variables(its_form == Form::match_recognize) {}

  Form form;
  Variables variables;
  Program program;
  std::vector<std::optional<MatchExpression>> definitions;  ///< of each variable
  std::vector<Measure> measures;
  std::vector<RecordExpression> expressions;
  std::vector<std::string> by;
  std::string order;  ///< the field of the time; empty: that of --time
  Skip skip = Skip::past_last;
  Labels skip_to = 0;
  Rows rows = Rows::one;
  Others others = Others::empty;

  /// The greatest distance of a reference to records before and after its own.
  std::uint32_t looks_back = 0;
  std::uint32_t looks_ahead = 0;
  bool counts_matches = false;  ///< has match_number()

  /// What sum(), avg(), min() and max() take, and of which variables: each target once.
  struct Summed {
    Target target;
    Labels labels = 0;
  };
  std::vector<Summed> summed;

  /// Notes what the expressions need, when all have been read. Throws std::invalid_argument where they cannot be.
  void complete();
};

/// Reads --pattern, --define, --measure and --skip. Throws std::invalid_argument, naming the option.
Query read_line_query(const Settings& settings, Fields& fields);

/// Reads --match-recognize. Throws std::invalid_argument.
Query read_sql_query(const Settings& settings, Fields& fields);

}  // namespace weir::cep_match
