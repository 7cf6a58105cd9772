// The message of an alert, from a template.
#pragma once
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "record/field_set.hpp"

namespace weir::thresh_alert {

/// A text with places for values: `BOD {value} at {plant:-an unknown plant}`. `{name}` is a value of the alert or a
/// field of the record. The text after `:-` replaces a missing or null value (else `null`); `{{` and `}}` mean one
/// brace.
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

  /// Whether a name is a value of the alert, not a field.
  static bool is_word(std::string_view name);

  void bind(FieldSet& fields);

  /// Fields of the record without another text for when they are missing.
  std::vector<std::string> needed_fields() const;

  /// Appends the text. `fill` appends the value of a place, or returns false when it is missing.
  void append(std::string& out, const std::function<bool(const Place&, std::string&)>& fill) const;

 private:
  std::vector<std::string> texts_;  ///< before each place, and after the last
  std::vector<Place> places_;
};

}  // namespace weir::thresh_alert
