// A compiled schema: what each of its schemas asks, in the order in which it is checked.
#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "schema/document.hpp"
#include "schema/formats.hpp"
#include "schema/pattern.hpp"

namespace weir::schema {

/// The drafts of JSON Schema that are read.
enum class Draft : std::uint8_t { four = 4, six = 6, seven = 7 };

/// The number of a schema within its file.
using RuleId = std::uint32_t;

/// A set of types, as bits.
enum Types : std::uint8_t {
  null_type = 1,
  boolean_type = 2,
  integer_type = 4,
  number_type = 8,
  string_type = 16,
  array_type = 32,
  object_type = 64
};

/// A limit of numbers, with its digits.
struct Limit {
  enum Kind : std::uint8_t { minimum, maximum, exclusive_minimum, exclusive_maximum, multiple_of };
  Kind kind;
  const char* keyword;
  std::string token;
  Value value;  ///< a view of the token, which does not move: limits are held by pointers
};

/// A limit of lengths or counts.
struct SizeLimit {
  enum Kind : std::uint8_t { length, items, properties };
  Kind kind;
  bool is_maximum;
  const char* keyword;
  std::uint64_t limit;
};

/// The values that a value may be, of `enum` or `const`.
struct Choice {
  const char* keyword;
  std::string text;  ///< an array of them
  Document values;
};

/// One schema.
struct Rule {
  bool never = false;  ///< `false` as a schema
  std::uint8_t types = 0;
  std::vector<std::unique_ptr<Limit>> limits;
  std::vector<SizeLimit> sizes;
  std::vector<Pattern> patterns;
  std::vector<std::pair<std::string, FormatCheck>> formats;
  std::vector<std::unique_ptr<Choice>> choices;
  bool unique_items = false;

  std::vector<std::string> required;
  std::vector<std::pair<std::string, RuleId>> properties;
  std::vector<std::pair<Pattern, RuleId>> pattern_properties;
  enum class Others : std::uint8_t { any, checked, none };
  Others other_properties = Others::any;
  RuleId other_property = 0;
  std::vector<RuleId> property_names;
  std::vector<std::pair<std::string, std::vector<std::string>>> property_dependencies;
  std::vector<std::pair<std::string, RuleId>> schema_dependencies;

  std::vector<RuleId> each_item;
  std::vector<RuleId> first_items;
  Others other_items = Others::any;
  RuleId other_item = 0;
  std::vector<RuleId> contains;

  std::vector<RuleId> all_of;
  std::vector<std::vector<RuleId>> any_of, one_of;
  std::vector<RuleId> none_of;  ///< of `not`
  struct Condition {
    RuleId condition;
    std::vector<RuleId> then, otherwise;  ///< one or none
  };
  std::vector<Condition> conditions;
};

/// A whole schema file; its first rule is the root.
struct Program {
  Draft draft = Draft::seven;
  std::vector<std::unique_ptr<Rule>> rules;
};

/// Throws std::invalid_argument where a schema leads back to itself for the same value: no check of it would end.
void check_circles(const Program& program);

/// Compiles a schema. Throws std::invalid_argument with the reason.
Program compile(const std::string& text);

}  // namespace weir::schema
