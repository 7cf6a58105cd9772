// A text with fields of the record in it: `sensors.{plant:-none}`.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "record/record.hpp"

namespace weir {

/// Characters that no value may bring into the text.
struct Excluded {
  std::string_view characters;
  std::string_view names;  ///< for messages: "'+', '#' or NUL"
};

/// A text whose `{path}` parts are filled from each record. `{path:-text}` gives a default for a field that is missing
/// or null; `{{` and `}}` are the braces themselves.
class FieldTemplate {
 public:
  /// Parses the template and adds its fields to `fields`. Throws std::invalid_argument with the reason. What `excluded`
  /// views must outlive this.
  FieldTemplate(std::string_view text, FieldSet& fields, Excluded excluded = {});

  /// The result of filling in a record's values.
  enum class Filled : std::uint8_t {
    yes,
    missing,      ///< a field without default is missing or null
    empty,        ///< a value is empty text
    not_a_value,  ///< a value is an object or an array
    excluded,     ///< a value holds an excluded character
  };
  /// Writes the record's text into `text`. Where the result is not `yes`, `at` is the field's path.
  Filled fill(const Record& record, std::string& text, std::string_view& at) const;

  /// As above, with a reason: `what` completes "city is in the topic and is missing".
  Verdict render(const Record& record, std::string& text, std::string_view what) const;

  /// True without a field: every record has the same text.
  bool is_fixed() const;

  /// The parts of the text that no record changes, defaults among them, for checks at the start.
  std::vector<std::string_view> fixed_parts() const;

  /// The fields that are filled in.
  std::vector<std::string> paths() const;

 private:
  struct Part {
    std::string literal;           ///< literal text, or a field's default
    std::optional<FieldId> field;  ///< the field of a part that is filled
    std::string path;              ///< the field's name, for messages
    bool has_default = false;
  };
  void add_field(std::string_view body, FieldSet& fields);
  std::vector<Part> parts_;
  Excluded excluded_;
};

}  // namespace weir
