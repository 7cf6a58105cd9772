// Expressions of a test: their values, and what is wrong with them.
#pragma once
#include <string>
#include <vector>

#include "catch.hpp"
#include "expr/expression.hpp"
#include "parsed.hpp"
#include "record/number.hpp"
#include "record/parser.hpp"

namespace weir::test {

using expr::Expression;
using expr::Result;
using expr::Type;

/// The value of an expression for a record, as text.
inline std::string value_of(const std::string& text, const std::string& line = "{}") {
  Expression expression = Expression::compile(text);
  FieldSet fields;
  expression.bind(fields);
  RecordParser parser(fields);
  const Result result = expression.evaluate(parsed(parser, line));
  switch (result.type) {
    case Type::null:
      return "null";
    case Type::boolean:
      return result.truth ? "true" : "false";
    case Type::number: {
      std::string out;
      append_token(out, result);
      return out;
    }
    case Type::string:
      return "'" + std::string(result.text) + "'";
    case Type::other:
      return "other";
    case Type::error:
      return "error: " + expression.error_text(result);
  }
  return "";
}

/// The message for an expression that does not compile.
inline std::string wrong(const std::string& text) {
  try {
    Expression::compile_condition(text);
  } catch (const expr::SyntaxError& error) {
    return error.what();
  }
  return "compiled";
}

inline std::string first_line(const std::string& text) { return text.substr(0, text.find('\n')); }

struct Case {
  const char* text;
  const char* gives;
};

}  // namespace weir::test
