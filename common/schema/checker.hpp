// The check of one document by a compiled schema.
#pragma once
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "schema/program.hpp"

namespace weir::schema {

/// Checks documents; its memory is used again for the next one.
class Checker {
 public:
  explicit Checker(const Program& program) : program_(program) {}

  /// Whether the document is as the schema asks; all reasons are appended to `reasons`.
  bool check(const Document& document, std::string& reasons);

 private:
  /// A part of the way from the root to a value.
  struct Step {
    Place parent;
    Place child;
  };
  bool rule(RuleId id, Place at);
  void values(const Rule& rule, Place at);
  void strings(const Rule& rule, Place at);
  void objects(const Rule& rule, Place at);
  void members(const Rule& rule, Place at);
  void arrays(const Rule& rule, Place at);
  void combinations(const Rule& rule, Place at);
  void names(RuleId id, Place member);
  void unique_items(Place at);
  /// Checks a value within another.
  void child(RuleId id, Place parent, Place at);
  /// Whether a value fits, without reasons.
  bool fits(RuleId id, Place at);
  bool matches(const Pattern& pattern, std::string_view name);
  /// Notes what is wrong.
  void fail(const char* keyword, std::string_view text);
  bool is_of(std::uint8_t types, const Value& value) const;
  void append_place();

  const Program& program_;
  const Document* document_ = nullptr;
  std::string* reasons_ = nullptr;  ///< nullptr: nobody asks why
  bool good_ = true;
  std::vector<Step> way_;
  Document name_;  ///< a member's name, as a string
  std::vector<std::pair<std::uint64_t, Place>> hashes_;
};

}  // namespace weir::schema
