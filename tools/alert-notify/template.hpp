// Texts of notifications, with values of the alert in them.
#pragma once
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "alert.hpp"

namespace weir::alert_notify {

/// The values that a template may use beside the fields of the record.
struct TemplateValues {
  const Alert& alert;
  std::string_view id;
  std::size_t count = 1;  ///< alerts of the notification
};

/// A text in which `{name}` stands for one of TemplateValues or a field, `{name:-text}` gives a default, `{{` and `}}`
/// are braces.
class Template {
 public:
  /// Adds its fields to `fields`. Throws std::invalid_argument with the reason.
  Template(std::string_view text, FieldSet& fields);

  /// The text; a value that is not there is `null`, unless a default is given. Names of such fields go to `missing`.
  std::string fill(const TemplateValues& given, const Record& record, std::set<std::string>& missing) const;

 private:
  struct Part {
    std::string text;  ///< literal text, or the default
    std::string name;  ///< empty: literal
    FieldId field{};
    bool has_default = false;
  };
  static bool find(const TemplateValues& given, std::string_view name, std::string& value);
  std::vector<Part> parts_;
};

/// The three texts of a notification.
struct Texts {
  std::string subject;  ///< one line
  std::string text;
  std::string brief;  ///< for an SMS
};

/// Texts by level, and of alerts that are over.
class TemplateSet {
 public:
  /// As in the configuration: texts by level, `resolved` and `default`. Empty ones are the built-in ones. Throws
  /// std::invalid_argument.
  explicit TemplateSet(const std::map<std::string, Texts>& given);

  Texts fill(const TemplateValues& given, std::set<std::string>& missing);

 private:
  struct Three {
    Template subject, text, brief;
  };
  FieldSet fields_;
  std::map<std::string, Three> by_level_;
  std::optional<RecordParser> parser_;
};

/// A value's text; escapes stay where they stand for no UTF-8.
std::string text_of(const Value& value);

}  // namespace weir::alert_notify
