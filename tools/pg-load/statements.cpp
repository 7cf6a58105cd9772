#include "statements.hpp"

#include <fmt/format.h>

#include <charconv>

namespace weir {

std::string copy_statement(const Destination& destination) {
  if (destination.keys.empty())
    return fmt::format("COPY {} ({}) FROM STDIN;", destination.table, fmt::join(destination.columns, ","));
  return fmt::format("COPY {} ({},{}) FROM STDIN;", destination.stage, destination.order,
                     fmt::join(destination.columns, ","));
}

std::string upsert_statement(const Destination& destination, std::optional<RowRange> range) {
  if (destination.keys.empty()) return {};
  std::string conflict = "NOTHING";
  if (!destination.updated.empty()) {
    conflict = "UPDATE SET ";
    for (const std::string& column : destination.updated)
      conflict += fmt::format("{}{} = EXCLUDED.{}", column == destination.updated.front() ? "" : ", ", column, column);
  }
  const std::string where =
      range ? fmt::format(" WHERE {} BETWEEN {} AND {}", destination.order, range->first, range->last) : std::string();
  const std::string keys = fmt::format("{}", fmt::join(destination.keys, ","));
  return fmt::format(
      "INSERT INTO {0} ({1}) OVERRIDING SYSTEM VALUE SELECT {1} FROM (SELECT DISTINCT ON ({2}) * FROM {3}{4} ORDER BY "
      "{2},{5} DESC) "
      "AS weir_last ON CONFLICT ({2}) DO {6};",
      destination.table, fmt::join(destination.columns, ","), keys, destination.stage, where, destination.order,
      conflict);
}

std::string stage_statements(const Destination& destination, const std::vector<std::string>& other_columns) {
  std::string statements = fmt::format(
      "DROP TABLE IF EXISTS {0}; CREATE TEMP TABLE {0} (LIKE {1} INCLUDING CONSTRAINTS) ON COMMIT DELETE ROWS; ALTER "
      "TABLE {0} ADD COLUMN {2} bigint",
      destination.stage, destination.table, destination.order);
  for (const std::string& column : other_columns) statements += fmt::format(", DROP COLUMN {}", column);
  return statements + ";";
}

std::optional<std::size_t> copy_line(std::string_view context, std::string_view relation) {
  // The context may begin with lines of its own, a trigger's for example; they stand joined by blanks.
  const std::string head = fmt::format("COPY {}, ", relation);
  const auto at = context.find(head);
  if (at == std::string_view::npos) return std::nullopt;
  context.remove_prefix(at + head.size());
  const auto digit = context.find_first_of("0123456789");
  if (digit == std::string_view::npos) return std::nullopt;
  std::size_t line = 0;
  const auto result = std::from_chars(context.data() + digit, context.data() + context.size(), line);
  if (result.ec != std::errc{} || line == 0) return std::nullopt;
  return line;
}

}  // namespace weir
