// COPY's text format: https://www.postgresql.org/docs/15/sql-copy.html, "Text Format".
#pragma once
#include <string>
#include <string_view>

#include "columns.hpp"

namespace weir::pg_load {

/// Appends text as one COPY field: backslash, tab, newline and carriage return escaped. The text must not hold NUL.
void append_copy_text(std::string& out, std::string_view text);

/// Appends a value as the field of a column. Returns nullptr, or why it does not fit (`is not a timestamp`); what was
/// appended is then unusable.
const char* append_copy_value(std::string& out, const Value& value, ColumnKind kind, TimeParser& times);

}  // namespace weir::pg_load
