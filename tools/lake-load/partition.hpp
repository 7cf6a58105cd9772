// Hive partitions: the folders that a record's values and its time name.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "columns.hpp"
#include "record/record.hpp"
#include "time/time_types.hpp"

namespace weir::lake_load {

/// One folder in a path of partitions, `NAME=VALUE`.
struct PartitionLevel {
  enum class Kind : std::uint8_t { literal, field, time };
  std::string name;
  Kind kind = Kind::literal;
  std::string text;  ///< the literal, a field's default or the format of a time
  std::string path;  ///< of the field
  std::optional<FieldId> field{};
  bool has_default = false;
};

/// Where a record goes.
struct Place {
  std::string key;                                 ///< tells places apart
  std::vector<std::optional<std::string>> values;  ///< one a level; none: null
  std::string folder;                              ///< `dt=2026-01-01/hour=07`, percent-encoded; empty without levels
  std::optional<Time> end;                         ///< the end of the time that the place is of
};

/// `sensor_type={sensor_type}/dt={timestamp:%Y-%m-%d}/hour={timestamp:%H}`: names, and a field, a literal, or a time in
/// the letters %Y %m %d %F %j %H %M %S each.
class PartitionTemplate {
 public:
  /// Throws std::invalid_argument with the reason. Adds its fields to `fields`.
  PartitionTemplate(std::string_view text, FieldSet& fields);

  const std::vector<PartitionLevel>& levels() const { return levels_; }
  std::vector<std::string> names() const;
  /// The names of levels that stand for the record's field of the same name.
  std::vector<std::string> own_fields() const;
  /// The field whose time partitions are of; empty without one.
  const std::string& time_field() const { return time_field_; }

  /// Records whose folder would be longer than so many bytes are rejected.
  void limit(std::size_t longest_folder) { longest_folder_ = longest_folder; }

  /// Fills `place.key` and the values of the levels; complete() does the rest. New columns go to `columns`.
  Verdict fill(const Record& record, Time time, Columns& columns, Place& place);
  /// Fills in folder and end.
  void complete(Place& place, Time time) const;

 private:
  /// The finest step of time in the levels.
  enum class Step : std::uint8_t { none, second, minute, hour, day, month, year };
  void add_level(std::string_view text, FieldSet& fields);
  void note_steps(std::string_view format);
  void find_period(Time time);
  std::size_t folder_bound(const Place& place) const;
  Verdict fill_field(const PartitionLevel& level, const Record& record, Columns& columns,
                     std::optional<std::string>& value);

  std::vector<PartitionLevel> levels_;
  std::string time_field_;
  std::optional<std::size_t> longest_folder_;
  ValueReader reader_{TimeParser(), Inexact::rejected};
  Step step_ = Step::none;
  Time begin_ = Time::max();  ///< of the period of the last record's time
  Time end_ = Time::min();
  std::vector<std::string> times_;  ///< the texts of time levels in that period, one a level
};

/// The type of a column that a level makes, before values decide: nothing for a field without default.
std::optional<ColumnType> type_of(const PartitionLevel& level);

/// Appends a time in a format of these letters, in UTC.
void append_formatted(std::string& out, std::string_view format, Time time);

/// A value as the name of a folder: what file systems and Hive's readers do not take is percent-encoded.
std::string folder_text(const std::optional<std::string>& value);

}  // namespace weir::lake_load
