// The result of an expression.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>

namespace weir::expr {

/// `null` is an unknown value: a missing or null field, or a result of one. `other` is an object or an array.
enum class Type : std::uint8_t { null, boolean, number, string, other, error };

/// What a message calls a value of this type: `a number`.
std::string_view name_of(Type type);

/// The reason why a record has no result.
enum class Fault : std::uint8_t {
  none,
  needs_number,
  needs_boolean,
  needs_string,
  cannot_order,  ///< a number and a string, or values without an order
  out_of_range,  ///< more digits than a double holds
  too_long       ///< a string beyond max_text
};

/// A value. Its text points into the record or the expression, or is one that a function made: that text lives until
/// this thread evaluates again.
struct Result {
  Type type = Type::null;
  bool truth = false;         ///< of a boolean
  Fault fault = Fault::none;  ///< of an error
  Type found = Type::null;    ///< of an error: the type found
  std::uint32_t place = 0;    ///< of an error: the part, for Expression::error_text()
  double number = 0;          ///< of a number; always finite
  std::string_view text;      ///< of a string, or an error over one; of a number that was not computed: its digits

  static Result of(bool truth) {
    Result result;
    result.type = Type::boolean;
    result.truth = truth;
    return result;
  }
  /// Makes a number; a value that is not finite becomes unknown.
  static Result of(double number);
  /// A number and its digits, which may be more than a double holds.
  static Result of(double number, std::string_view digits) {
    Result result;
    result.type = Type::number;
    result.number = number;
    result.text = digits;
    return result;
  }
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

/// Appends a result as a JSON token: a number that was not computed with its digits, an error or unknown value as
/// `null`.
void append_token(std::string& out, const Result& result);

}  // namespace weir::expr
