#include "copy_text.hpp"

#include <array>
#include <cstring>

namespace weir::pg_load {
namespace {

/// The letter after the backslash for bytes that need one.
constexpr std::array<char, 256> make_escapes() {
  std::array<char, 256> escapes{};
  escapes['\\'] = '\\';
  escapes['\t'] = 't';
  escapes['\n'] = 'n';
  escapes['\r'] = 'r';
  escapes['\b'] = 'b';
  escapes['\f'] = 'f';
  escapes['\v'] = 'v';
  return escapes;
}
constexpr std::array<char, 256> escapes = make_escapes();

bool has_nul(std::string_view text) { return !text.empty() && std::memchr(text.data(), 0, text.size()) != nullptr; }

/// True for what PostgreSQL's number types take besides digits: NaN, inf, infinity, with a sign.
bool is_not_finite_word(std::string_view text) {
  for (const char c : text) {
    const char lower = static_cast<char>(c | 0x20);
    if (lower == 'n' || lower == 'i') return true;  // no digits, sign, dot or exponent has these
  }
  return false;
}

/// Shortens `75.0` to `75` for an integer column; returns anything else unchanged.
std::string_view without_zero_fraction(std::string_view number) {
  const auto dot = number.find('.');
  if (dot == std::string_view::npos || number.find_first_not_of('0', dot + 1) != std::string_view::npos) return number;
  return number.substr(0, dot);
}

const char* append_time_value(std::string& out, const Value& value, ColumnKind kind, TimeParser& times) {
  if (value.kind != Kind::string && value.kind != Kind::number) return "is not a timestamp";
  const bool is_bare_date = kind == ColumnKind::date && value.kind == Kind::string && value.text.size() == 10;
  if (!is_bare_date) {
    const auto time = value.kind == Kind::number ? times.parse_epoch(value.raw) : times.parse(value.text);
    if (time) {
      if (kind == ColumnKind::date) {
        out += format_date(*time, Zone());
      } else {
        append_time(out, *time);
      }
      return nullptr;
    }
  }
  // Years outside those of the time room (9999-12-31T00:00:00Z means `never`) need no conversion in UTC. The server
  // would drop any other offset silently.
  const bool is_utc = value.kind == Kind::string && value.text.size() >= 20 &&
                      (value.text.back() == 'Z' || value.text.back() == 'z') &&
                      (value.text[10] == 'T' || value.text[10] == 't' || value.text[10] == ' ');
  if ((!is_bare_date && !is_utc) || has_nul(value.text)) return "is not a timestamp";
  append_copy_text(out, value.text);
  return nullptr;
}

}  // namespace

void append_copy_text(std::string& out, std::string_view text) {
  std::size_t done = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char escape = escapes[static_cast<unsigned char>(text[i])];
    if (escape == 0) continue;
    out.append(text, done, i - done);
    out += '\\';
    out += escape;
    done = i + 1;
  }
  out.append(text, done);
}

const char* append_copy_value(std::string& out, const Value& value, ColumnKind kind, TimeParser& times) {
  if (!value.present()) {
    out += "\\N";
    return nullptr;
  }
  switch (kind) {
    case ColumnKind::time:
    case ColumnKind::date:
      return append_time_value(out, value, kind, times);
    case ColumnKind::json:
      if (has_nul(value.raw)) return "holds NUL, which PostgreSQL cannot store";
      append_copy_text(out, value.raw);
      return nullptr;
    case ColumnKind::integer:
      if (value.kind == Kind::number) {
        out += without_zero_fraction(value.raw);
        return nullptr;
      }
      break;
    case ColumnKind::floating:
      if (value.kind == Kind::number) {
        out += value.raw;
        return nullptr;
      }
      if (value.kind == Kind::string && is_not_finite_word(value.text)) return "is not a number";
      break;
    case ColumnKind::text:
    case ColumnKind::other:
      break;
  }
  if (has_nul(value.text)) return "holds NUL, which PostgreSQL cannot store";
  append_copy_text(out, value.text);
  return nullptr;
}

}  // namespace weir::pg_load
