// A topic with fields of the record in it: `alerts/{city}`.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "record/field_template.hpp"

namespace weir::mqtt_pub {

/// A FieldTemplate that makes topics to publish to.
class TopicTemplate {
 public:
  /// Parses the template and adds its fields to `fields`. Throws std::invalid_argument with the reason.
  TopicTemplate(std::string_view text, FieldSet& fields);

  /// Writes the record's topic into `topic`. Rejected: what FieldTemplate rejects, and a value that holds `+`, `#` or
  /// NUL.
  Verdict render(const Record& record, std::string& topic) const;

  /// The fields that are filled in.
  std::vector<std::string> paths() const { return text_.paths(); }

  /// True without a field: every record has the same topic.
  bool is_fixed() const { return text_.is_fixed(); }

 private:
  FieldTemplate text_;
};

}  // namespace weir::mqtt_pub
