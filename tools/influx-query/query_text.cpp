#include "query_text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <stdexcept>

#include "time/timestamp.hpp"

namespace weir::influx_query {
namespace {

void check_name(std::string_view option, std::string_view name) {
  const bool odd =
      std::any_of(name.begin(), name.end(), [](char c) { return static_cast<unsigned char>(c) < ' ' || c == '\x7f'; });
  if (name.empty() || odd)
    throw std::invalid_argument(fmt::format("{}: '{}' is empty or holds a control character", option, name));
}

/// How a quote within quotes is written.
enum class Quoting : std::uint8_t { doubled, by_backslash };

std::string quoted(std::string_view text, char quote, Quoting quoting) {
  std::string made(1, quote);
  for (const char c : text) {
    if (quoting == Quoting::doubled) {
      made.append(c == quote ? 2 : 1, c);
    } else {
      if (c == quote || c == '\\' || c == '\n') made += '\\';
      made += c == '\n' ? 'n' : c;
    }
  }
  return made += quote;
}

std::string time_text(Time time) {
  std::string made;
  append_time(made, time);
  return made;
}

/// `30s`, `250ms`, `7u`, `9ns`: a duration as InfluxQL and Flux read it.
std::string duration_text(Duration duration, std::string_view microseconds) {
  const auto count = std::chrono::duration_cast<std::chrono::nanoseconds>(duration).count();
  if (count % 1'000'000'000 == 0) return fmt::format("{}s", count / 1'000'000'000);
  if (count % 1'000'000 == 0) return fmt::format("{}ms", count / 1'000'000);
  if (count % 1'000 == 0) return fmt::format("{}{}", count / 1'000, microseconds);
  return fmt::format("{}ns", count);
}

std::string joined(const std::vector<std::string>& parts, std::string_view between) {
  return fmt::format("{}", fmt::join(parts, between));
}

std::vector<std::string> identifiers(const std::vector<std::string>& names, Language language) {
  std::vector<std::string> made;
  for (const std::string& name : names) made.push_back(identifier(name, language));
  return made;
}

/// The conditions of InfluxQL and SQL.
std::string conditions(const Selection& selection, const Span& span, Language language) {
  const std::string_view typed = language == Language::sql ? "TIMESTAMP " : "";
  std::string made =
      fmt::format("time >= {0}'{1}' AND time < {0}'{2}'", typed, time_text(span.since), time_text(span.until));
  for (const auto& [tag, value] : selection.where)
    made += fmt::format(" AND {} = {}", identifier(tag, language), literal(value, language));
  return made;
}

std::string influxql(const Selection& selection, const Span& span) {
  constexpr Language language = Language::influxql;
  std::vector<std::string> columns;
  for (const std::string& field : selection.fields) {
    const std::string name = identifier(field, language);
    columns.push_back(selection.mean ? fmt::format("mean({0}) AS {0}", name) : name + "::field");
  }
  const bool grouped = selection.mean || selection.last;
  if (columns.empty()) columns.emplace_back("*");
  if (!selection.fields.empty() && !grouped) {
    if (selection.by.empty()) columns.emplace_back("*::tag");
    for (const std::string& tag : identifiers(selection.by, language)) columns.push_back(tag + "::tag");
  }
  std::vector<std::string> groups;
  if (selection.mean) groups.push_back(fmt::format("time({})", duration_text(*selection.mean, "u")));
  if (grouped)
    for (const std::string& tag : identifiers(selection.by, language)) groups.push_back(tag);
  std::string made = fmt::format("SELECT {} FROM {} WHERE {}", joined(columns, ", "),
                                 identifier(selection.measurement, language), conditions(selection, span, language));
  if (!groups.empty()) made += " GROUP BY " + joined(groups, ", ");
  if (selection.mean) made += " fill(none)";
  if (selection.last) made += " ORDER BY time DESC LIMIT 1";
  return made;
}

std::string sql(const Selection& selection, const Span& span) {
  constexpr Language language = Language::sql;
  const std::vector<std::string> by = identifiers(selection.by, language);
  const std::vector<std::string> fields = identifiers(selection.fields, language);
  const std::string from = fmt::format("FROM {} WHERE {}", identifier(selection.measurement, language),
                                       conditions(selection, span, language));
  std::vector<std::string> columns;
  if (selection.mean) {
    const auto length = std::chrono::duration_cast<std::chrono::nanoseconds>(*selection.mean).count();
    columns.push_back(fmt::format("date_bin(INTERVAL '{} nanoseconds', time) AS time", length));
    columns.insert(columns.end(), by.begin(), by.end());
    std::vector<std::string> groups;
    for (std::size_t at = 1; at <= columns.size(); ++at) groups.push_back(std::to_string(at));
    for (const std::string& field : fields) columns.push_back(fmt::format("avg({0}) AS {0}", field));
    return fmt::format("SELECT {} {} GROUP BY {} ORDER BY 1", joined(columns, ", "), from, joined(groups, ", "));
  }
  if (!fields.empty()) {
    columns.emplace_back("time");
    columns.insert(columns.end(), by.begin(), by.end());
    columns.insert(columns.end(), fields.begin(), fields.end());
  } else {
    columns.emplace_back("*");
  }
  const std::string shown = joined(columns, ", ");
  if (!selection.last) return fmt::format("SELECT {} {} ORDER BY time", shown, from);
  if (by.empty()) return fmt::format("SELECT {} {} ORDER BY time DESC LIMIT 1", shown, from);
  const std::string groups = joined(by, ", ");
  return fmt::format("SELECT DISTINCT ON ({0}) {1} {2} ORDER BY {0}, time DESC", groups, shown, from);
}

/// Flux refuses an empty span, so that there is a nanosecond in it.
Time end_in_flux(const Span& span) { return std::max(span.until, span.since + std::chrono::nanoseconds(1)); }

std::string flux(const Selection& selection, const Span& span) {
  constexpr Language language = Language::flux;
  const auto texts = [](std::vector<std::string> names) {
    for (std::string& name : names) name = literal(name, language);
    return "[" + joined(names, ", ") + "]";
  };
  std::string made = fmt::format("from(bucket: {}) |> range(start: {}, stop: {})", literal(selection.bucket, language),
                                 time_text(span.since), time_text(end_in_flux(span)));
  if (span.until <= span.since) made += " |> filter(fn: (r) => false)";
  made += fmt::format(" |> filter(fn: (r) => r[\"_measurement\"] == {}", literal(selection.measurement, language));
  for (const auto& [tag, value] : selection.where)
    made += fmt::format(" and r[{}] == {}", literal(tag, language), literal(value, language));
  std::vector<std::string> fields;
  for (const std::string& field : selection.fields) fields.push_back("r[\"_field\"] == " + literal(field, language));
  if (!fields.empty()) made += " and (" + joined(fields, " or ") + ")";
  made += ")";
  std::vector<std::string> groups = selection.by;
  if (selection.mean) {
    std::vector<std::string> columns = selection.by;
    columns.insert(columns.end(), {"_measurement", "_field"});
    made += fmt::format(
        " |> group(columns: {0}) |> aggregateWindow(every: {1}, fn: mean, createEmpty: false, timeSrc: \"_start\")"
        " |> truncateTimeColumn(unit: {1})",  // the first window begins before the range, which cuts its _start
        texts(columns), duration_text(*selection.mean, "us"));
  }
  made += " |> drop(columns: [\"_start\", \"_stop\"])";
  made += " |> pivot(rowKey: [\"_time\"], columnKey: [\"_field\"], valueColumn: \"_value\")";
  if (!selection.fields.empty() && !selection.mean && (selection.last || !selection.by.empty())) {
    std::vector<std::string> columns{"_time", "_measurement"};
    columns.insert(columns.end(), selection.by.begin(), selection.by.end());
    columns.insert(columns.end(), selection.fields.begin(), selection.fields.end());
    made += fmt::format(" |> keep(columns: {})", texts(columns));
  }
  made += selection.last ? fmt::format(" |> group(columns: {})", texts(groups)) : " |> group()";
  made += " |> sort(columns: [\"_time\"])";
  if (selection.last) made += " |> tail(n: 1)";
  return made;
}

}  // namespace

std::string identifier(std::string_view name, Language language) {
  return quoted(name, '"', language == Language::sql ? Quoting::doubled : Quoting::by_backslash);
}

std::string literal(std::string_view text, Language language) {
  if (language == Language::influxql) return quoted(text, '\'', Quoting::by_backslash);
  if (language == Language::sql) return quoted(text, '\'', Quoting::doubled);
  std::string made = quoted(text, '"', Quoting::by_backslash);
  // `${` begins an expression in a text of Flux.
  for (std::size_t at = made.find("${"); at != std::string::npos; at = made.find("${", at + 3))
    made.insert(at, 1, '\\');
  return made;
}

void check(const Selection& selection, Language language) {
  check_name("--measurement", selection.measurement);
  for (const std::string& field : selection.fields) check_name("--fields", field);
  for (const std::string& tag : selection.by) check_name("--by", tag);
  for (const auto& [tag, value] : selection.where) {
    check_name("--where", tag);
    check_name("--where", value);
  }
  if (selection.mean && selection.last) throw std::invalid_argument("--mean and --last exclude each other");
  if (selection.mean && selection.fields.empty()) throw std::invalid_argument("--mean needs --fields: whose means?");
  if (selection.mean && *selection.mean <= Duration::zero()) throw std::invalid_argument("--mean: must be more than 0");
  if (language == Language::sql && !selection.fields.empty() && selection.by.empty() && !selection.mean)
    throw std::invalid_argument("--fields needs --by with version 3: SQL does not tell tags from fields");
}

std::string query_text(const Selection& selection, const Span& span, Language language) {
  switch (language) {
    case Language::influxql:
      return influxql(selection, span);
    case Language::flux:
      return flux(selection, span);
    case Language::sql:
      break;
  }
  return sql(selection, span);
}

std::string filled_in(std::string_view text, const Span& span, Language language) {
  std::string made(text);
  const Time until = language == Language::flux ? end_in_flux(span) : span.until;
  for (const auto& [name, time] : {std::pair<std::string_view, Time>{"{since}", span.since}, {"{until}", until}})
    for (std::size_t at = made.find(name); at != std::string::npos; at = made.find(name, at))
      made.replace(at, name.size(), time_text(time));
  return made;
}

}  // namespace weir::influx_query
