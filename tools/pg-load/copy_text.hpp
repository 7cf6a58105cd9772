// COPY's text format: https://www.postgresql.org/docs/15/sql-copy.html, "Text Format".
#pragma once
#include <string>
#include <string_view>

#include "columns.hpp"
#include "record/value.hpp"
#include "time/timestamp.hpp"

namespace weir::pg_load {

/// What a number does that its column does not hold exactly.
enum class Inexact : std::uint8_t { rejected, rounded };

/// How values are converted.
struct Conversion {
  TimeParser times = TimeParser();
  Inexact inexact = Inexact::rejected;
};

/// Why a value does not go into its column (`is not a timestamp`); false when it does.
struct ValueProblem {
  const char* text = nullptr;
  bool is_inexact = false;  ///< a wider type would hold it
  explicit operator bool() const { return text != nullptr; }
};

/// Appends text as one COPY field: backslash, tab, newline and carriage return escaped. The text must not hold NUL.
void append_copy_text(std::string& out, std::string_view text);

/// Appends a value as the field of a column; null and missing as `\N`. When there is a problem, what was appended is of
/// no use.
ValueProblem append_copy_value(std::string& out, const Value& value, const Column& column, Conversion& conversion);

}  // namespace weir::pg_load
