// What a source adds to records that are sent to it.
#pragma once
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "record/control_key.hpp"
#include "record/object_writer.hpp"
#include "record/record.hpp"
#include "record/source_time_field.hpp"
#include "time/time_types.hpp"

namespace weir {

/// What is added to a record, and how its time is read.
struct ArrivalSettings {
  std::vector<std::string> texts{};  ///< names of fields whose text comes with each record, such as a topic's levels
  std::string stamp{};               ///< the field for the time of receipt; empty: no such field
  SourceTimeFieldSettings time{};
};

/// Writes the line of a record that has come in: its time made right, fields added where it has none of that name.
class ArrivalShaper {
 public:
  /// Adds the fields that it reads to `fields`. Throws std::invalid_argument, naming the option.
  ArrivalShaper(const ArrivalSettings& settings, FieldSet& fields);

  /// Appends the record's line to `out`, or rejects it and appends nothing. `texts` go with the settings' names; one
  /// without a value adds nothing. They must be UTF-8.
  Verdict write(const Record& record, std::span<const std::optional<std::string_view>> texts, Time received,
                std::string& out);

 private:
  struct Named {
    std::string name;
    FieldId id;
  };
  ControlKeyGuard control_key_;
  SourceTimeField time_;
  std::vector<Named> texts_;
  std::optional<Named> stamp_;
  Splicer splicer_;
  std::string token_;
};

}  // namespace weir
