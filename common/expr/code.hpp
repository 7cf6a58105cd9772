// The steps that an expression is compiled to.
#pragma once
#include <cstdint>

namespace weir::expr {

enum class Code : std::uint8_t {
  load,
  number,
  string,
  truth,
  falsehood,
  null,  // push one
  negate,
  logical_not,
  abs,
  round,
  floor,
  ceil,
  sqrt,  // replace one
  add,
  subtract,
  multiply,
  divide,
  modulo,
  min,
  max,
  coalesce,
  concat,  // two become one
  contains,
  starts_with,
  ends_with,  //
  less,
  less_equal,
  greater,
  greater_equal,
  equal,
  not_equal,
  same,
  not_same,  // (the last two: with a literal null on one side)
  and_test,
  and_merge,
  or_test,
  or_merge,  // a test may jump past its merge
  round_to,
  lower,
  upper,
  trim,
  length,
  left,
  right,
  substr_from,
  substr,
  replace  // functions of one to three operands
};

/// One step of a compiled expression.
struct Step {
  Code code;
  /// Of load, number and string: an index. Of a test: the next step. Of a binary operator: the last step of its left
  /// side. Of a function of three operands: those of the first and, in the upper half, of the second.
  std::uint32_t argument;
};

}  // namespace weir::expr
