#include "columns.hpp"

#include <algorithm>
#include <array>

#include "exact_number.hpp"
#include "table_name.hpp"

namespace weir::pg_load {
namespace {

/// Numbers beyond 10^1000 or under 10^-1000 do not make a whole column wider.
constexpr std::int64_t most_magnitude = 1'000;
constexpr std::string_view time_type = "TIMESTAMPTZ";

/// RFC 3339 with an offset, of no more digits than a timestamp column keeps.
bool is_instant(const Value& value, TimeParser& times) {
  const std::string_view text = value.text;
  if (text.size() < 17 || text[4] != '-') return false;
  const bool has_offset = text.back() == 'Z' || text.back() == 'z' || text[text.size() - 6] == '+' ||
                          (text.size() > 19 && text[text.size() - 6] == '-');
  const auto time = has_offset ? times.parse(text) : std::nullopt;
  return time && time->time_since_epoch().count() % 1'000 == 0;
}

bool is_time_value(const Value& value, TimeParser& times) {
  if (value.kind == Kind::string) return times.parse(value.text).has_value();
  return value.kind == Kind::number && times.parse_epoch(value.raw).has_value();
}

ColumnKind kind_of_number(std::string_view number) {
  const bool is_whole = number.find_first_of(".eE") == std::string_view::npos;
  std::string ignored;
  if (is_whole) return append_int64(ignored, number) ? ColumnKind::integer : ColumnKind::numeric;
  return is_exact_double(number) ? ColumnKind::double_precision : ColumnKind::numeric;
}

Column made(std::string_view name, ColumnKind kind, std::string_view type) {
  Column column;
  column.name = name;
  column.kind = kind;
  column.type = type;
  column.widens = true;
  return column;
}

}  // namespace

ColumnKind kind_of_type(std::string_view type) {
  static constexpr std::array<std::pair<std::string_view, ColumnKind>, 17> kinds{
      {{"text", ColumnKind::text},
       {"varchar", ColumnKind::text},
       {"bpchar", ColumnKind::text},
       {"name", ColumnKind::text},
       {"citext", ColumnKind::text},
       {"float4", ColumnKind::real},
       {"float8", ColumnKind::double_precision},
       {"numeric", ColumnKind::numeric},
       {"int2", ColumnKind::integer},
       {"int4", ColumnKind::integer},
       {"int8", ColumnKind::integer},
       {"timestamp", ColumnKind::time},
       {"timestamptz", ColumnKind::time},
       {"date", ColumnKind::date},
       {"json", ColumnKind::json},
       {"jsonb", ColumnKind::json},
       {"bool", ColumnKind::boolean}}};
  for (const auto& [name, kind] : kinds)
    if (name == type) return kind;
  return ColumnKind::other;
}

bool is_type_expression(std::string_view text) {
  const auto is_word = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == ' ' ||
           c == '.';
  };
  const auto is_inside = [](char c) { return (c >= '0' && c <= '9') || c == ',' || c == ' '; };
  if (text.empty() || text.size() > 100 || !is_word(text.front()) || text.front() == ' ' ||
      (text.front() >= '0' && text.front() <= '9'))
    return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (is_word(text[i])) continue;
    if (text[i] == '[' && i + 1 < text.size() && text[i + 1] == ']') {
      ++i;
      continue;
    }
    if (text[i] != '(') return false;
    const auto close = text.find(')', i);
    if (close == std::string_view::npos || close == i + 1) return false;
    const std::string_view inside = text.substr(i + 1, close - i - 1);
    if (!std::all_of(inside.begin(), inside.end(), is_inside)) return false;
    i = close;
  }
  return true;
}

std::span<const Column> weather_columns() {
  static const std::vector<Column> columns = [] {
    const auto fixed = [](const char* name, ColumnKind kind, const char* type) {
      Column column = made(name, kind, type);
      column.widens = false;
      return column;
    };
    const auto number = [&](const char* name) { return fixed(name, ColumnKind::double_precision, "DOUBLE PRECISION"); };
    const auto text = [&](const char* name) { return fixed(name, ColumnKind::text, "TEXT"); };
    const auto flag = [&](const char* name) { return fixed(name, ColumnKind::boolean, "BOOLEAN"); };
    return std::vector<Column>{fixed("timestamp", ColumnKind::time, "TIMESTAMP"),
                               text("city"),
                               number("temperature_c"),
                               number("humidity"),
                               number("pressure"),
                               number("wind_speed"),
                               text("weather"),
                               flag("mod_high_temp"),
                               flag("low_temp"),
                               text("temp_message"),
                               text("advice")};
  }();
  return columns;
}

bool is_weather(const Record& record) {
  const auto has = [&record](std::string_view name) {
    const auto members = record.members();
    return std::any_of(members.begin(), members.end(), [&](const Member& member) { return member.key == name; });
  };
  return has("timestamp") && has("city") && has("temperature_c");
}

Column column_for(const Member& member, bool is_time, TimeParser& times) {
  const Value& value = member.value;
  if (is_time && is_time_value(value, times)) return made(member.key, ColumnKind::time, time_type);
  switch (value.kind) {
    case Kind::boolean:
      return made(member.key, ColumnKind::boolean, "BOOLEAN");
    case Kind::number: {
      const ColumnKind kind = kind_of_number(value.raw);
      return made(member.key, kind, type_of_kind(kind));
    }
    case Kind::object:
    case Kind::array:
      return made(member.key, ColumnKind::json, "JSONB");
    case Kind::string:
      if (is_instant(value, times)) return made(member.key, ColumnKind::time, time_type);
      break;
    case Kind::missing:
    case Kind::null:
      break;
  }
  return made(member.key, ColumnKind::text, "TEXT");
}

std::optional<ColumnKind> wider_kind(const Column& column, std::string_view number, bool within_double) {
  const std::int64_t magnitude = magnitude_of(number);
  if (magnitude > most_magnitude || magnitude < -most_magnitude) return std::nullopt;
  switch (column.kind) {
    case ColumnKind::integer:
      return within_double && kind_of_number(number) == ColumnKind::double_precision ? ColumnKind::double_precision
                                                                                     : ColumnKind::numeric;
    case ColumnKind::double_precision:
      return ColumnKind::numeric;
    default:
      return std::nullopt;
  }
}

bool is_wider(ColumnKind kind, ColumnKind than) {
  constexpr std::array<ColumnKind, 3> order{ColumnKind::integer, ColumnKind::double_precision, ColumnKind::numeric};
  const auto narrow = std::find(order.begin(), order.end(), than);
  return narrow != order.end() && std::find(narrow + 1, order.end(), kind) != order.end();
}

std::string_view type_of_kind(ColumnKind kind) {
  switch (kind) {
    case ColumnKind::integer:
      return "BIGINT";
    case ColumnKind::double_precision:
      return "DOUBLE PRECISION";
    case ColumnKind::numeric:
      return "NUMERIC";
    case ColumnKind::time:
      return time_type;
    case ColumnKind::json:
      return "JSONB";
    default:
      return "TEXT";
  }
}

const char* column_name_problem(std::string_view name) {
  if (name.empty()) return "a field without a name cannot be a column";
  if (name.size() > max_identifier) return "a field's name is longer than a column's can be, 63 bytes";
  if (name.find('\0') != std::string_view::npos) return "a field's name holds NUL, which PostgreSQL cannot store";
  static constexpr std::array<std::string_view, 6> system{"ctid", "xmin", "xmax", "cmin", "cmax", "tableoid"};
  if (std::find(system.begin(), system.end(), name) != system.end())
    return "a field is named like a column that every table of PostgreSQL has (ctid, xmin, xmax, cmin, cmax, tableoid)";
  return nullptr;
}

}  // namespace weir::pg_load
