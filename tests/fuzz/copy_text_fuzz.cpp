// links: stage_pg-load
// COPY text: whatever a string holds, it stays one field of one row and reads back as it was.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "copy_text.hpp"

namespace {

/// What the server makes of a field (PostgreSQL 15, COPY, Text Format).
std::string read_back(std::string_view field) {
  std::string text;
  for (std::size_t i = 0; i < field.size(); ++i) {
    if (field[i] == '\t' || field[i] == '\n' || field[i] == '\r') std::abort();
    if (field[i] != '\\') {
      text += field[i];
      continue;
    }
    if (++i == field.size()) std::abort();
    switch (field[i]) {
      case 'b':
        text += '\b';
        break;
      case 'f':
        text += '\f';
        break;
      case 'n':
        text += '\n';
        break;
      case 'r':
        text += '\r';
        break;
      case 't':
        text += '\t';
        break;
      case 'v':
        text += '\v';
        break;
      case '\\':
        text += '\\';
        break;
      default:
        std::abort();  // `\N`, `\.`, octal and hexadecimal digits would mean something else
    }
  }
  return text;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string bytes(data, data + size);
  std::string field;
  weir::pg_load::append_copy_text(field, bytes);
  if (read_back(field) != bytes) std::abort();

  // A value that is refused says why; any other is one field, and reads back.
  const std::string raw = '"' + bytes + '"';
  using weir::pg_load::ColumnKind;
  for (const ColumnKind kind :
       {ColumnKind::text, ColumnKind::integer, ColumnKind::real, ColumnKind::double_precision, ColumnKind::numeric,
        ColumnKind::time, ColumnKind::date, ColumnKind::json, ColumnKind::boolean, ColumnKind::other}) {
    weir::pg_load::Column column;
    column.kind = kind;
    weir::pg_load::Conversion conversion;
    std::string out;
    const auto problem = weir::pg_load::append_copy_value(out, {weir::Kind::string, raw, bytes}, column, conversion);
    if (problem) {
      if (*problem.text == '\0') std::abort();
      continue;
    }
    const std::string back = read_back(out);
    if (back.find('\0') != std::string::npos) std::abort();
    const bool converted = kind == ColumnKind::time || kind == ColumnKind::date || kind == ColumnKind::integer;
    if (!converted && back != (kind == ColumnKind::json ? raw : bytes)) std::abort();
  }
  return 0;
}
