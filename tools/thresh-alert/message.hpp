// The words of an alert, made from a template.
#pragma once
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "record/field_set.hpp"

namespace weir::thresh_alert {

/// A text with places for fields: `BOD {value} at {plant:-an unknown plant}`. `{name}` is a word of the alert or a
/// field of the record, `:-` gives what stands there where the field is missing or null (else `null`); `{{` and `}}`
/// mean one brace.
class MessageTemplate {
 public:
  /// Throws std::invalid_argument on a brace that is not closed, or an empty name.
  explicit MessageTemplate(std::string_view text);

  /// The names between the braces, in order.
  struct Place {
    std::string name;
    std::string otherwise;
    FieldId field{};  ///< of a name that is a field, after bind()
    bool is_word = false;
  };

  /// Names that are words of the alert itself, not fields.
  static bool is_word(std::string_view name);

  void bind(FieldSet& fields);

  /// Appends the text; `fill` appends a place's value and returns false where there is none.
  void append(std::string& out, const std::function<bool(const Place&, std::string&)>& fill) const;

 private:
  std::vector<std::string> texts_;  ///< before each place, and one behind the last
  std::vector<Place> places_;
};

}  // namespace weir::thresh_alert
