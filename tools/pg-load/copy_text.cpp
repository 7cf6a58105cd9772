#include "copy_text.hpp"

#include <array>
#include <cstring>

#include "exact_number.hpp"

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

constexpr ValueProblem not_a_time{"is not a timestamp"};
constexpr ValueProblem holds_nul{"holds NUL, which PostgreSQL cannot store"};

bool is_exact(const Value& value, std::string_view number, const Column& column) {
  switch (column.kind) {
    case ColumnKind::double_precision:
      // A number that the parser has read already has 15 digits at most.
      return value.fast_number == value.fast_number || is_exact_double(number);
    case ColumnKind::real:
      return is_exact_real(number);
    default:
      return column.decimals < 0 || decimals_of(number) <= column.decimals;
  }
}

ValueProblem append_number_value(std::string& out, const Value& value, const Column& column, Inexact inexact) {
  const bool is_number = value.kind == Kind::number || (value.kind == Kind::string && is_json_number(value.text));
  if (!is_number) return {"is not a number"};
  const std::string_view number = value.text;
  if (column.kind == ColumnKind::integer) {
    if (append_int64(out, number)) return {};
    return {"is not a whole number of 64 bits", true};
  }
  if (inexact == Inexact::rejected && !is_exact(value, number, column))
    return {"has more digits than its column keeps exactly; --round rounds it", true};
  out += number;
  return {};
}

/// What a time is a multiple of in a column, in nanoseconds.
std::int64_t step_of(const Column& column) {
  std::int64_t step = 1'000;
  for (int decimals = column.decimals; decimals >= 0 && decimals < 6; ++decimals) step *= 10;
  return step;
}

std::optional<Time> time_of(const Value& value, TimeParser& times) {
  if (value.kind == Kind::number) return times.parse_epoch(value.raw);
  return value.kind == Kind::string ? times.parse(value.text) : std::nullopt;
}

/// True for a text that ends with `Z`, or with an offset such as `+02:00`.
bool has_offset(std::string_view text) {
  if (text.size() < 17) return false;
  const char sign = text[text.size() - 6];
  return text.back() == 'Z' || text.back() == 'z' || ((sign == '+' || sign == '-') && text[text.size() - 3] == ':');
}

/// True for a time in UTC of a year beyond those of the time room (9999-12-31T00:00:00Z means `never`), which needs no
/// conversion. The server would drop any other offset silently.
bool is_far_utc(const Value& value) {
  const std::string_view text = value.text;
  return value.kind == Kind::string && text.size() >= 20 && (text.back() == 'Z' || text.back() == 'z') &&
         (text[10] == 'T' || text[10] == 't' || text[10] == ' ') && !has_nul(text);
}

ValueProblem append_time_value(std::string& out, const Value& value, const Column& column, Conversion& conversion) {
  if (const auto time = time_of(value, conversion.times)) {
    if (conversion.inexact == Inexact::rejected && time->time_since_epoch().count() % step_of(column) != 0)
      return {"is finer than its column keeps; --round rounds it", true};
    append_time(out, *time);
    return {};
  }
  if (!is_far_utc(value)) return not_a_time;
  append_copy_text(out, value.text);
  return {};
}

/// Appends the day there is at the value's place: that of --tz where it is given, else of the offset in the text.
ValueProblem append_date_value(std::string& out, const Value& value, TimeParser& times) {
  const bool is_text = value.kind == Kind::string;
  if (is_text && parse_date(value.text)) {
    out += value.text;
    return {};
  }
  if (const auto time = time_of(value, times)) {
    if (is_text && times.zone().is_utc() && has_offset(value.text)) {
      out += value.text.substr(0, 10);
    } else {
      out += format_date(*time, times.zone());
    }
    return {};
  }
  if (!is_far_utc(value)) return not_a_time;
  append_copy_text(out, value.text);
  return {};
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

ValueProblem append_copy_value(std::string& out, const Value& value, const Column& column, Conversion& conversion) {
  if (!value.present()) {
    out += "\\N";
    return {};
  }
  switch (column.kind) {
    case ColumnKind::integer:
    case ColumnKind::real:
    case ColumnKind::double_precision:
    case ColumnKind::numeric:
      return append_number_value(out, value, column, conversion.inexact);
    case ColumnKind::time:
      return append_time_value(out, value, column, conversion);
    case ColumnKind::date:
      return append_date_value(out, value, conversion.times);
    case ColumnKind::json:
      if (has_nul(value.raw)) return holds_nul;
      append_copy_text(out, value.raw);
      return {};
    case ColumnKind::boolean:
      if (column.widens && value.kind != Kind::boolean) return {"is not true or false"};
      break;
    case ColumnKind::text:
    case ColumnKind::other:
      break;
  }
  if (has_nul(value.text)) return holds_nul;
  append_copy_text(out, value.text);
  return {};
}

}  // namespace weir::pg_load
