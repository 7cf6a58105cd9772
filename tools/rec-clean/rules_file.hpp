// The file of --rules: what options say, for each field or parameter, and for each key.
#pragma once
#include <string>
#include <vector>

namespace weir::rec_clean {

struct Settings;

/// Thresholds of one key, in place of the usual ones.
struct KeyRule {
  std::vector<std::string> key;  ///< the values of the `by` fields, as JSON
  std::string target;            ///< a field or parameter
  std::string range, tests;      ///< as in --range and --qc; either may be empty
  std::string place;             ///< in the file, for messages
};

/// Adds the rules of settings.rules_text to the options that they stand for, and to settings.key_rules. Throws
/// std::invalid_argument with file and line.
void add_rules(Settings& settings);

/// The bytes of a rule's key, as GroupKey makes them of a record. Throws std::invalid_argument where it has not as many
/// values as there are `by` fields.
std::string key_of(const KeyRule& rule, const std::vector<std::string>& by);

}  // namespace weir::rec_clean
