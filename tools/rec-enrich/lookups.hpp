// The lookups of rec-enrich, as its options give them.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "record/time_field.hpp"
#include "tables/table.hpp"

namespace weir::rec_enrich {

/// The options of tables as they were given. Each list has one text for all tables, or one for each.
struct TableOptions {
  std::vector<std::string> tables{};
  std::vector<std::string> keys{};        ///< `FIELD` or `FIELD=COLUMN`, with commas between
  std::vector<std::string> take{};        ///< `COLUMN` or `COLUMN as NAME`, with commas between, or `*`
  std::vector<std::string> between{};     ///< `FROM..TO` or `FIELD=FROM..TO`
  std::vector<std::string> as_of{};       ///< a column
  std::vector<std::string> max_age{};     ///< a duration
  std::vector<std::string> miss{};        ///< `keep`, `null`, `reject`
  std::vector<std::string> duplicates{};  ///< `error`, `first`, `last`
  std::vector<std::string> text{};        ///< columns of CSV whose cells stay strings, of all tables
  std::string delimiter = ",";
};

/// What becomes of a record without a row.
enum class Miss : std::uint8_t { keep, null, reject };

enum class SourceKind : std::uint8_t { file, mmdb, postgres };

/// One table and how records are looked up in it.
struct LookupSettings {
  SourceKind kind = SourceKind::file;
  tables::TableSettings table;
  std::vector<std::string> fields;  ///< of records, for the keys of the table
  std::string number;               ///< the field that is looked up in an interval of numbers; empty: none
  std::optional<Duration> max_age;  ///< of a row as of a time
  Miss miss = Miss::keep;

  bool needs_time() const { return table.order == tables::Order::times || table.order == tables::Order::as_of; }
};

/// Reads the options; no file is read. Throws std::invalid_argument, naming the option.
std::vector<LookupSettings> read_lookups(const TableOptions& options, const TimeSettings& time);

}  // namespace weir::rec_enrich
