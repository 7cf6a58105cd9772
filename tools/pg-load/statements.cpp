#include "statements.hpp"

#include <fmt/format.h>

#include <charconv>

namespace weir::pg_load {

std::string copy_statement(const Destination& destination) {
  if (destination.keys.empty())
    return fmt::format("COPY {} ({}) FROM STDIN;", destination.table, fmt::join(destination.columns, ","));
  return fmt::format("COPY {} ({},{}) FROM STDIN;", destination.stage, destination.order,
                     fmt::join(destination.columns, ","));
}

std::string upsert_statement(const Destination& destination, Doubles doubles, std::optional<RowRange> range) {
  if (destination.keys.empty()) return {};
  const std::string columns = fmt::format("{}", fmt::join(destination.columns, ","));
  const std::string keys = fmt::format("{}", fmt::join(destination.keys, ","));
  std::string rows = destination.stage;
  if (range) rows += fmt::format(" WHERE {} BETWEEN {} AND {}", destination.order, range->first, range->last);
  if (doubles == Doubles::possible)
    rows = fmt::format("(SELECT DISTINCT ON ({0}) * FROM {1} ORDER BY {0},{3}{2} DESC) AS weir_last", keys, rows,
                       destination.order, destination.newest.empty() ? "" : destination.newest + " DESC,");
  std::string conflict = "NOTHING";
  if (!destination.updated.empty()) {
    std::string set;
    std::string was;
    std::string is;
    for (const std::string& column : destination.updated) {
      const char* const comma = set.empty() ? "" : ",";
      set += fmt::format("{}{}=EXCLUDED.{}", comma, column, column);
      was += fmt::format("{}weir_was.{}", comma, column);
      is += fmt::format("{}EXCLUDED.{}", comma, column);
    }
    conflict = fmt::format("UPDATE SET {} WHERE ROW({})::record *<> ROW({})::record", set, was, is);
    if (!destination.newest.empty())
      conflict += fmt::format(" AND (weir_was.{0} IS NULL OR EXCLUDED.{0}>=weir_was.{0})", destination.newest);
  }
  return fmt::format(
      "INSERT INTO {} AS weir_was ({}) OVERRIDING SYSTEM VALUE SELECT {} FROM {} ON CONFLICT ({}) DO {};",
      destination.table, columns, columns, rows, keys, conflict);
}

std::string stage_statements(const Destination& destination, const std::vector<std::string>& other_columns) {
  std::string statements = fmt::format(
      "DROP TABLE IF EXISTS {0}; CREATE TEMP TABLE {0} (LIKE {1} INCLUDING CONSTRAINTS) ON COMMIT DELETE ROWS; ALTER "
      "TABLE {0} ADD COLUMN {2} bigint",
      destination.stage, destination.table, destination.order);
  for (const std::string& column : other_columns) statements += fmt::format(", DROP COLUMN {}", column);
  return statements + ";";
}

std::string epoch_statement(std::string_view pipe, std::string_view run, std::uint64_t epoch,
                            std::string_view watermark) {
  const std::string also =
      watermark.empty() ? "" : fmt::format(", watermark = greatest(watermark, '{}'::timestamptz)", watermark);
  return fmt::format("UPDATE weir_epoch SET epoch = {}{} WHERE pipe = {} AND run = {} AND epoch = {} RETURNING epoch",
                     epoch, also, pipe, run, epoch - 1);
}

std::optional<std::size_t> copy_line(std::string_view context, std::string_view relation) {
  // Other lines of the context, such as a trigger's, may come first, joined by blanks.
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

}  // namespace weir::pg_load
