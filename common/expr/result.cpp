#include "expr/result.hpp"

#include <cmath>

#include "record/json_text.hpp"
#include "record/number.hpp"

namespace weir::expr {

std::string_view name_of(Type type) {
  switch (type) {
    case Type::null:
      return "null";
    case Type::boolean:
      return "true or false";
    case Type::number:
      return "a number";
    case Type::string:
      return "a string";
    case Type::other:
      return "an object or array";
    case Type::error:
      return "an error";
  }
  return "";
}

Result Result::of(double number) {
  Result result;
  if (!std::isfinite(number)) return result;
  result.type = Type::number;
  result.number = number;
  return result;
}

void append_token(std::string& out, const Result& result) {
  switch (result.type) {
    case Type::boolean:
      out += result.truth ? "true" : "false";
      break;
    case Type::number:
      if (result.text.empty())
        append_number(out, result.number);
      else
        out += result.text;
      break;
    case Type::string:
      append_json_string(out, result.text);
      break;
    default:
      out += "null";
  }
}

}  // namespace weir::expr
