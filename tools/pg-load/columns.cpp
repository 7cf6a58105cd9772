#include "columns.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "table_name.hpp"

namespace weir::pg_load {
namespace {

/// The significant digits of a number; a double holds any 15.
std::size_t significant_digits(std::string_view number) {
  std::size_t digits = 0;
  std::size_t zeros = 0;
  for (const char c : number) {
    if (c == 'e' || c == 'E') break;
    if (c < '0' || c > '9') continue;
    if (c == '0') {
      if (digits > 0) ++zeros;  // they count once another digit follows
      continue;
    }
    digits += zeros + 1;
    zeros = 0;
  }
  return digits;
}

bool is_time_value(const Value& value, TimeParser& times) {
  if (value.kind == Kind::string) return times.parse(value.text).has_value();
  return value.kind == Kind::number && times.parse_epoch(value.raw).has_value();
}

}  // namespace

ColumnKind kind_of_type(std::string_view type) {
  static constexpr std::array<std::pair<std::string_view, ColumnKind>, 17> kinds{{{"text", ColumnKind::text},
                                                                                  {"varchar", ColumnKind::text},
                                                                                  {"bpchar", ColumnKind::text},
                                                                                  {"name", ColumnKind::text},
                                                                                  {"citext", ColumnKind::text},
                                                                                  {"float4", ColumnKind::floating},
                                                                                  {"float8", ColumnKind::floating},
                                                                                  {"numeric", ColumnKind::floating},
                                                                                  {"int2", ColumnKind::integer},
                                                                                  {"int4", ColumnKind::integer},
                                                                                  {"int8", ColumnKind::integer},
                                                                                  {"timestamp", ColumnKind::time},
                                                                                  {"timestamptz", ColumnKind::time},
                                                                                  {"date", ColumnKind::date},
                                                                                  {"json", ColumnKind::json},
                                                                                  {"jsonb", ColumnKind::json},
                                                                                  {"bool", ColumnKind::other}}};
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

std::span<const NewColumn> weather_columns() {
  static const std::array<NewColumn, 11> columns{{{"timestamp", "TIMESTAMP"},
                                                  {"city", "TEXT"},
                                                  {"temperature_c", "DOUBLE PRECISION"},
                                                  {"humidity", "DOUBLE PRECISION"},
                                                  {"pressure", "DOUBLE PRECISION"},
                                                  {"wind_speed", "DOUBLE PRECISION"},
                                                  {"weather", "TEXT"},
                                                  {"mod_high_temp", "BOOLEAN"},
                                                  {"low_temp", "BOOLEAN"},
                                                  {"temp_message", "TEXT"},
                                                  {"advice", "TEXT"}}};
  return columns;
}

void TypeGuess::see(const Value& value, bool is_time) {
  std::uint8_t now = 0;
  if (is_time) {
    now = time;
  } else {
    switch (value.kind) {
      case Kind::missing:
      case Kind::null:
        break;
      case Kind::boolean:
        now = boolean;
        break;
      case Kind::number:
        now = significant_digits(value.raw) > 15 || !value.number() ? number | precise : number;
        break;
      case Kind::string:
        now = string;
        break;
      case Kind::object:
      case Kind::array:
        now = structure;
        break;
    }
  }
  seen_ = static_cast<std::uint8_t>(seen_ | now);
}

std::string_view TypeGuess::type() const {
  if ((seen_ & structure) != 0) return "JSONB";
  switch (seen_) {
    case time:
      return "TIMESTAMP";
    case number:
      return "DOUBLE PRECISION";
    case number | precise:
      return "NUMERIC";
    case boolean:
      return "BOOLEAN";
    default:
      return "TEXT";
  }
}

const char* column_name_problem(std::string_view name) {
  if (name.empty()) return "a field without a name cannot be a column";
  if (name.size() > max_identifier) return "a field's name is longer than a column's can be, 63 bytes";
  if (name.find('\0') != std::string_view::npos) return "a field's name holds NUL, which PostgreSQL cannot store";
  return nullptr;
}

Verdict TableGuess::see(const Record& record, TimeParser& times) {
  for (const Member& member : record.members())
    if (const char* problem = column_name_problem(member.key)) return Verdict::reject(problem);
  std::size_t hint = 0;
  for (const Member& member : record.members()) {
    std::size_t at = hint < fields_.size() && fields_[hint].name == member.key ? hint : 0;
    while (at < fields_.size() && fields_[at].name != member.key) ++at;
    if (at == fields_.size()) fields_.push_back({std::string(member.key), {}});
    fields_[at].guess.see(member.value, member.key == time_field_ && is_time_value(member.value, times));
    hint = at + 1;
  }
  return Verdict::ok();
}

bool TableGuess::is_weather() const {
  const auto has = [this](std::string_view name) {
    return std::any_of(fields_.begin(), fields_.end(), [&](const Field& field) { return field.name == name; });
  };
  return time_field_ == "timestamp" && has("timestamp") && has("city") && has("temperature_c");
}

std::vector<NewColumn> TableGuess::columns() const {
  std::vector<NewColumn> columns;
  if (is_weather()) columns.assign(weather_columns().begin(), weather_columns().end());
  const auto known = columns.size();
  for (const Field& field : fields_) {
    const auto end = columns.begin() + static_cast<std::ptrdiff_t>(known);
    if (std::none_of(columns.begin(), end, [&](const NewColumn& column) { return column.name == field.name; }))
      columns.push_back({field.name, std::string(field.guess.type())});
  }
  for (NewColumn& column : columns)
    if (const auto given = types_->find(column.name); given != types_->end()) column.type = given->second;
  return columns;
}

bool TableGuess::has_time() const {
  for (const NewColumn& column : columns())
    if (column.name == time_field_) return column.type == "TIMESTAMP";
  return false;
}

std::string TableGuess::type_for(const Member& member, TimeParser& times) const {
  if (const auto given = types_->find(member.key); given != types_->end()) return given->second;
  TypeGuess guess;
  guess.see(member.value, member.key == time_field_ && is_time_value(member.value, times));
  return std::string(guess.type());
}

}  // namespace weir::pg_load
