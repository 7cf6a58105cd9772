// A file of rules, in TOML.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "rule.hpp"

namespace weir::thresh_alert {

/// The rules of a file's text: tables `[[rule]]`, and tables `[parameter.NAME]` over long records, whose numbers are
/// limits of `value_field`. `path` is for messages. Throws ConfigError.
std::vector<Rule> read_rules(std::string_view text, const std::string& path, const std::string& value_field);

}  // namespace weir::thresh_alert
