// One calculation, such as `rest = Etot - HVAC1 - HVAC2`.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "expr/expression.hpp"
#include "record/record.hpp"

namespace weir::win_calc {

/// How the name of an operand is read.
enum class Shape : std::uint8_t {
  long_rows,  ///< a field of the row names its series: SERIES, or SERIES.FIELD for another field than the usual one
  wide_rows   ///< a row has values of several series: an operand is a field
};

/// What an operand of an expression stands for.
struct Operand {
  std::string series;  ///< as the series field has it; empty with wide rows
  std::string field;   ///< path of the value in the row
  friend bool operator==(const Operand&, const Operand&) = default;
};

/// An operand, and where a record has its value.
struct Source {
  Operand operand;
  FieldId field{};
  bool may_be_text = false;  ///< a calculation can use a string here
  bool may_be_boolean = false;

  /// The value of a record; unknown where no calculation can use one of its type.
  expr::Result value_in(const Record& record) const;
};

/// A name and the expression of its value.
struct Calculation {
  std::string name;
  expr::Expression expression;
};

/// Reads `NAME = EXPRESSION`. Throws std::invalid_argument (expr::SyntaxError for the expression), also when the
/// expression reads no field.
Calculation parse_calculation(std::string_view text);

/// Reads the values of --calc. Throws std::invalid_argument, which names the option.
std::vector<Calculation> parse_calculations(const std::vector<std::string>& texts);

/// What a field path in an expression stands for; `value_field` is the usual field of long rows.
Operand operand_of(std::string_view path, Shape shape, std::string_view value_field);

}  // namespace weir::win_calc
