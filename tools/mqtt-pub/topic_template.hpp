// A topic with fields of the record in it: `alerts/{city}`.
#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "record/record.hpp"

namespace weir::mqtt_pub {

/// A topic whose `{path}` parts are filled from each record. `{path:-text}` gives a default for a field that is missing
/// or null; `{{` and `}}` are the braces themselves.
class TopicTemplate {
 public:
  /// Parses the template and adds its fields to `fields`. Throws std::invalid_argument with the reason.
  TopicTemplate(std::string_view text, FieldSet& fields);

  /// Writes the record's topic into `topic`. Rejected: a field without default that is missing or null, a value that is
  /// empty, is an object or array, or holds `+`, `#` or NUL.
  Verdict render(const Record& record, std::string& topic) const;

  /// The fields that are filled in.
  std::vector<std::string> paths() const;

  /// True without a field: every record has the same topic.
  bool is_fixed() const { return parts_.empty() || (parts_.size() == 1 && !parts_.front().field); }

 private:
  struct Part {
    std::string literal;           ///< literal text, or a field's default
    std::optional<FieldId> field;  ///< the field of a part that is filled
    std::string path;              ///< the field's name, for messages
    bool has_default = false;
  };
  void add_field(std::string_view body, FieldSet& fields);
  std::vector<Part> parts_;
};

}  // namespace weir::mqtt_pub
