// The value of --table: one table, or one for each value of a field.
#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "record/record.hpp"

namespace weir::pg_load {

/// A table's exact name as in the catalogue, without quotes.
struct TableName {
  std::string schema;  ///< empty: found by the server's search_path
  std::string relation;

  /// For messages.
  std::string text() const { return schema.empty() ? relation : schema + "." + relation; }
  bool operator==(const TableName&) const = default;
};

/// True for `[A-Za-z_][A-Za-z0-9_]*` of at most 63 bytes: what a name made from data may be.
bool is_plain_identifier(std::string_view name);

/// The longest name that PostgreSQL keeps whole, in bytes.
inline constexpr std::size_t max_identifier = 63;

/// `readings`, `plant.readings`, `"odd name"."with.dots"`, or with fields in braces `{sensor}_raw`.
class TableTemplate {
 public:
  /// Throws std::invalid_argument with the reason when the text is none of these.
  static TableTemplate parse(std::string_view text);

  /// Adds the fields in braces; call it before the first record.
  void add_fields(FieldSet& fields);

  /// The fields in braces.
  const std::vector<std::string>& paths() const { return paths_; }
  /// True without a field in braces: one table.
  bool is_fixed() const { return paths_.empty(); }
  /// The table of a template that is fixed.
  TableName fixed() const;

  /// The record's table, in `name`. Rejects a record whose field is missing or makes a name that is no plain
  /// identifier.
  Verdict resolve(const Record& record, TableName& name) const;

 private:
  struct Piece {
    std::string text;
    std::ptrdiff_t path = -1;  ///< the field that stands here, or -1
  };
  using Pieces = std::vector<Piece>;
  Verdict fill(const Record& record, const Pieces& pieces, std::string& out) const;

  Pieces schema_;
  Pieces relation_;
  std::vector<std::string> paths_;
  std::vector<FieldId> ids_;
};

}  // namespace weir::pg_load
