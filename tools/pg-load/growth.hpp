// Tables that grow by what records need: made, with more columns, with wider ones.
#pragma once
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "catalog.hpp"
#include "loader.hpp"
#include "table.hpp"

namespace weir::pg_load {

/// A table of the run.
struct Entry {
  enum class State : std::uint8_t {
    there,
    to_make,  ///< not there: made before its first rows are loaded
    unusable  ///< not there and not to be made, or not to be loaded
  };
  explicit Entry(Table the_table) : table(std::move(the_table)) {}
  Table table;
  State state = State::there;
  ExtraFields extra = ExtraFields::reject;
  std::string problem;           ///< of an unusable table
  std::size_t part = 0;          ///< its part of the batch being filled
  std::uint64_t part_batch = 0;  ///< the batch that `part` is of
};

/// Adds columns, widens them and makes tables. Until a table is made its columns are only remembered, so a type that
/// the first records settle costs nothing.
///
/// What a column becomes depends on the values in their order, and not on where batches end. Calls wait for the batch
/// under way. A refusal of the server is a reject of the record that needed the change. Calls throw as
/// ServerSession::run().
class Growth {
 public:
  struct Settings {
    std::string time_field;
    std::map<std::string, std::string, std::less<>> types;  ///< that the user gave, by column
    std::size_t max_columns = 0;
  };

  /// Both must outlive this.
  Growth(Settings settings, Loader& loader, Catalog& catalog)
      : settings_(std::move(settings)), loader_(loader), catalog_(catalog) {}

  /// Makes columns for those members of a record that have none; `missing` is what Table::place() found.
  Verdict add_columns(Entry& entry, const Record& record, const std::vector<const Member*>& missing,
                      Conversion& conversion);

  /// Makes a column wide enough for a number. Rejects the record where that is not possible.
  Verdict widen(Entry& entry, const Misfit& misfit);

  /// Gives columns of a table that an earlier run made the types that the user gives now. Returns why that is not
  /// possible, or nothing.
  std::optional<std::string> apply_types(Entry& entry);

  /// Makes the table for the rows in the batch. Rows that stand in the way of it are refused.
  void make(Entry& entry, Batch& batch);

 private:
  const GivenColumns& given();
  std::optional<Verdict> columns_for(const Entry& entry, const Record& record,
                                     const std::vector<const Member*>& missing, Conversion& conversion,
                                     std::vector<Column>& columns);
  std::optional<std::string> make_by_column(Entry& entry, Batch& batch);
  void adopt(Entry& entry);
  void reload(Entry& entry);

  Settings settings_;
  Loader& loader_;
  Catalog& catalog_;
  std::optional<GivenColumns> given_;
};

/// Refuses all rows of a table in the batch.
void refuse_rows(const Table& table, Batch& batch, const std::string& reason);

}  // namespace weir::pg_load
