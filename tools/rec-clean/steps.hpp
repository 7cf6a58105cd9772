// The steps of rec-clean, as its options give them.
#pragma once
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "clean/range.hpp"
#include "expr/expression.hpp"
#include "record/value.hpp"

namespace weir::rec_clean {

/// What a field's values have to be.
enum class ValueType : std::uint8_t { number, integer, string, boolean, object, array };

/// `FIELD=TYPE`, optionally with `:null` or `:reject` after it.
struct TypeRule {
  std::string field;
  ValueType type = ValueType::number;
  std::string name;                                      ///< of the type
  clean::OutOfRange action = clean::OutOfRange::reject;  ///< of a value of another type: set_null or reject
};

/// Reads one. Throws std::invalid_argument.
TypeRule parse_type(std::string_view text);

/// `NAME=EXPRESSION`.
struct SetRule {
  std::string name;
  expr::Expression expression;
};

/// Reads one. Throws std::invalid_argument.
SetRule parse_set(std::string_view text);

/// `FIELD=DECIMALS`.
struct RoundRule {
  std::string field;
  int decimals = 0;
};

/// Reads one. Throws std::invalid_argument.
RoundRule parse_round(std::string_view text);

/// `OLD=NEW`.
struct RenameRule {
  std::string from, to;
};

/// Reads one. Throws std::invalid_argument.
RenameRule parse_rename(std::string_view text);

/// Whether a value is of the type.
bool is_of(const Value& value, ValueType type);

}  // namespace weir::rec_clean
