// Records as points of InfluxDB's line protocol.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "identities.hpp"
#include "influx/line_writer.hpp"
#include "record/field_template.hpp"
#include "record/field_watch.hpp"
#include "record/record.hpp"
#include "time/timestamp.hpp"

namespace weir::influx_load {

/// What a record becomes, as options give it.
struct Mapping {
  std::string measurement;          ///< a FieldTemplate
  std::vector<std::string> tags;    ///< `name`, `name=path`, `name:-default`, `name:-`
  std::vector<std::string> fields;  ///< `name`, `name=path`, each perhaps with `:type`
  std::string time_field = "timestamp";
  TimeParser times = TimeParser();
  EpochUnit precision = EpochUnit::ns;
  std::string seq_tag;  ///< tells points of one identity apart; empty: the last one wins
};

/// Makes points, and finds those that have the identity of one before.
class PointMaker {
 public:
  /// Adds the fields that are read to `fields`. Throws std::invalid_argument, naming the option.
  PointMaker(const Mapping& mapping, FieldSet& fields);

  /// Writes the record's point into `out`, without a line end.
  Verdict make(const Record& record, std::string& out);

  /// Points with the identity (measurement, tags, time) of an earlier one.
  std::uint64_t repeated() const { return repeated_; }
  bool tells_apart() const { return !seq_key_.empty(); }
  const Identities& identities() const { return identities_; }
  void set_identities(Identities identities) { identities_ = std::move(identities); }
  std::vector<NamedField> named_fields() const { return named_; }

 private:
  struct Tag {
    FieldId id{};
    std::string path;
    std::string key;  ///< with its escapes
    std::string otherwise;
    bool may_be_missing = false;  ///< a record without it is a point without this tag
  };
  struct Field {
    FieldId id{};
    std::string path;
    std::string key;  ///< with its escapes
    influx::Type type = influx::Type::by_value;
  };
  void add_tag(std::string_view text, FieldSet& fields);
  void add_field(std::string_view text, FieldSet& fields);
  Verdict append_tags(const Record& record, std::string& out);
  Verdict append_fields(const Record& record, std::string& out);
  static Verdict append_value(const Field& field, const Value& value, std::string& out);

  FieldTemplate measurement_;
  std::vector<Tag> tags_;
  std::vector<Field> fields_;
  std::string time_path_;
  FieldId time_;
  TimeParser times_;
  std::int64_t unit_;  ///< nanoseconds
  std::string seq_key_;
  std::vector<NamedField> named_;
  Identities identities_;
  std::uint64_t repeated_ = 0;
  std::string text_;
};

}  // namespace weir::influx_load
