// A file of rules, in TOML.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "rule.hpp"

namespace weir::thresh_alert {

/// The rules of a file's text: tables `[parameter.NAME]` over long records, whose numbers are limits of `value_field`,
/// and
/// `[[rule]]`. `path` is for the messages. Throws RuleError naming path and line on anything that is not understood.
std::vector<Rule> read_rules(std::string_view text, const std::string& path, const std::string& value_field);

}  // namespace weir::thresh_alert
