// The result of an expression.
#pragma once
#include <cstdint>
#include <string_view>

namespace weir::expr {

/// `null` stands for everything that is not known: a field that is missing or null, and what is computed from one.
/// `other` is an object or an array.
enum class Type : std::uint8_t { null, boolean, number, string, other, error };

/// Why a record cannot be computed with.
enum class Fault : std::uint8_t {
  none,
  needs_number,
  needs_boolean,
  needs_string,
  cannot_order,  ///< a number and a string, or what has no order
  out_of_range   ///< digits beyond what a double holds
};

/// A value. Its text points into the record or the expression.
struct Result {
  Type type = Type::null;
  bool truth = false;         ///< of a boolean
  Fault fault = Fault::none;  ///< of an error
  Type found = Type::null;    ///< of an error: what stood there
  std::uint32_t place = 0;    ///< of an error: which part of the expression, for Expression::error_text()
  double number = 0;          ///< of a number; always finite
  std::string_view text;      ///< of a string

  static Result of(bool truth) {
    Result result;
    result.type = Type::boolean;
    result.truth = truth;
    return result;
  }
  /// A number; what is not finite is not known.
  static Result of(double number);
  static Result of(std::string_view text) {
    Result result;
    result.type = Type::string;
    result.text = text;
    return result;
  }

  bool is_true() const { return type == Type::boolean && truth; }
  bool is_false() const { return type == Type::boolean && !truth; }
  bool failed() const { return type == Type::error; }
};

}  // namespace weir::expr
