// Fields that options name and that no record has: most often a name that is misspelt.
#pragma once
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "record/parser.hpp"
#include "record/record.hpp"
#include "state/archive.hpp"

namespace weir {

/// A field that an option names, or a value of it.
struct NamedField {
  std::string path;
  std::string use;      ///< where it is named: `rule hot: temp > 85`, `--by`
  std::string value{};  ///< the text awaited in the field; empty: any value will do
};

/// The fields of a list such as that of --by, also as `FIELD as NAME`.
std::vector<NamedField> named_fields_of(const std::string& use, const std::vector<std::string>& paths);

/// The name most like `name`; empty when none is like it.
std::string_view nearest_name(std::string_view name, const std::set<std::string>& names);

/// The end of a message on a name that is not there: `; the nearest is 'temp'`, else the names that are; empty without
/// any.
std::string suggestion(std::string_view name, const std::set<std::string>& names);

/// Adds the paths of an object's fields, within objects and the first elements of lists too, to a limited number of
/// `names`.
void gather_names(std::string_view object, std::set<std::string>& names);

/// Watches the first records for the fields that options name. Costs nothing once each has come.
class FieldWatch {
 public:
  /// Records after which a field is missed.
  static constexpr std::uint64_t enough_records = 1000;

  /// Paths that are not among `fields` are looked for among the members, where records have them, else not watched;
  /// `fields` must be complete.
  FieldWatch(const std::vector<NamedField>& named, const FieldSet& fields);

  /// Whether a field is still to come.
  bool waits() const { return !awaited_.empty(); }
  /// Whether a field is still to come, and not only a value.
  bool waits_for_field() const;
  /// Takes a record, while waits().
  void look(const Record& record);
  /// Whether enough records have come without a field.
  bool is_enough() const { return records_ >= enough_records; }
  /// Whether a record has come.
  bool has_begun() const { return records_ > 0; }

  /// A message for each field or value that has not come; `so_far` stands after its name. Nothing before the first
  /// record.
  std::vector<std::string> messages(std::string_view so_far) const;
  /// Waits no more.
  void stop() { awaited_.clear(); }

  /// Fields that have come in an earlier run of the pipeline are not awaited.
  void state(StateArchive& archive);

 private:
  struct Awaited {
    std::optional<FieldId> id;  ///< none: it is looked for among the members
    NamedField named;
  };
  void add_values(std::vector<std::string>& messages, std::string_view so_far) const;

  std::vector<Awaited> awaited_;
  std::uint64_t records_ = 0;
  std::set<std::string> names_;   ///< paths of the fields that records have
  std::set<std::string> values_;  ///< texts of fields of which a value is awaited
};

}  // namespace weir
