// The statements of a load, made of quoted names.
#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace weir::pg_load {

/// One table as a load needs it. All names but `copied_relation` are quoted for SQL.
struct Destination {
  std::string table;                 ///< "schema"."relation"
  std::vector<std::string> columns;  ///< in the order of the rows
  std::vector<std::string> keys;     ///< of --upsert; empty for a plain COPY
  std::vector<std::string> updated;  ///< the columns that a conflict overwrites
  std::string newest;                ///< the column of --newest, or empty
  std::string stage;                 ///< the staging table, where there are keys
  std::string order;                 ///< its column that holds the order of the rows
  std::string copied_relation;       ///< the unquoted name of the table that COPY fills
};

/// `COPY … FROM STDIN`, into the table or its staging table.
std::string copy_statement(const Destination& destination);

/// Whether several rows may have the same key.
enum class Doubles : std::uint8_t { possible, none };

/// Rows of the staging table by their order, both included.
struct RowRange {
  std::size_t first;
  std::size_t last;
};

/// Moves rows from the staging table into the table; the last one of a key wins over the others and over the table's,
/// with `newest` the one with the greatest value there, and the last of these. A row that would stay the same byte for
/// byte is not written. With `range` only those rows. Empty for a plain COPY.
std::string upsert_statement(const Destination& destination, Doubles doubles, std::optional<RowRange> range);

/// Makes the staging table: the table's types, NOT NULL and CHECK, without the columns that the rows do not have.
std::string stage_statements(const Destination& destination, const std::vector<std::string>& other_columns);

/// Sets the number of an epoch in the table weir_epoch, and returns a row, if the run may do so and it is the next one.
/// The texts are quoted literals; a watermark, as `2026-01-01T00:00:00Z`, never goes back. Empty: it stays as it is.
std::string epoch_statement(std::string_view pipe, std::string_view run, std::uint64_t epoch,
                            std::string_view watermark = {});

/// The line of a COPY that the server's context names (`COPY readings, line 17, column x: "abc"`, in any of its
/// languages), from 1; nothing when it names none for this relation.
std::optional<std::size_t> copy_line(std::string_view context, std::string_view relation);

}  // namespace weir::pg_load
