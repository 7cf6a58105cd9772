#include "rules_file.hpp"

#include <fmt/format.h>

#include <cmath>
#include <set>

#include "config/toml_file.hpp"
#include "record/number.hpp"

namespace weir::thresh_alert {
namespace {

/// Reads one file; every error has its line.
class RulesFile {
 public:
  RulesFile(const std::string& path, std::string_view text, const std::string& value_field)
      : file_(path, text), value_field_(value_field) {}

  std::vector<Rule> read() {
    file_.expect_keys(file_.root(), {"parameter", "rule"}, "the file");
    file_.each_entry("parameter", [&](const std::string& name, const toml::node& node) { read_parameter(name, node); });
    file_.each_table("rule", [&](const toml::table& table) { read_rule(table); });
    if (rules_.empty())
      throw ConfigError(fmt::format("{}: no rules: expected [parameter.NAME] or [[rule]]", file_.path()));
    return std::move(rules_);
  }

 private:
  /// A limit's digits; nothing when the node is not a number.
  std::optional<std::string> digits_of(const toml::node& node) const {
    std::string digits;
    if (const auto* integer = node.as_integer()) {
      append_number(digits, integer->get());
    } else if (const auto* number = node.as_floating_point()) {
      if (!std::isfinite(number->get())) file_.fail(node, "a limit must be finite");
      append_number(digits, number->get());
    } else {
      return std::nullopt;
    }
    return digits;
  }

  std::string limit_of(const toml::node& node, std::string_view key) const {
    const auto digits = digits_of(node);
    if (!digits) file_.fail(node, fmt::format("{} must be a number", key));
    return *digits;
  }

  std::optional<MessageTemplate> message_of(const toml::table& table, std::string_view key) const {
    const toml::node* const node = table.get(key);
    if (node == nullptr) return std::nullopt;
    return file_.at(*node, [&] { return MessageTemplate(file_.string_of(*node, key)); });
  }

  /// The clauses of a table, for a level or as the rule's default. A `clear` that is a number is compared by
  /// `ending`.
  Clauses clauses_of(const toml::table& table, std::string_view ending) const {
    Clauses clauses;
    if (const toml::node* node = table.get("for")) clauses.hold = file_.duration_of(*node, "for");
    if (const toml::node* node = table.get("of"))
      clauses.share = file_.at(*node, [&] { return parse_share(file_.string_of(*node, "of")); });
    if (const toml::node* node = table.get("keep")) clauses.keep = file_.duration_of(*node, "keep");
    if (const toml::node* node = table.get("expire")) clauses.expire = file_.duration_of(*node, "expire");
    if (const toml::node* node = table.get("clear")) {
      if (const auto digits = digits_of(*node)) {
        if (ending.empty()) file_.fail(*node, "clear as a number goes with one limit; write the condition as a string");
        clauses.clear = fmt::format("{} {}", ending, *digits);
      } else {
        clauses.clear = file_.string_of(*node, "clear");
      }
    }
    return clauses;
  }

  struct LevelSource {
    RuleText text;
    const toml::node* node = nullptr;
  };

  /// `warning = 30`, `warning = "value > 30 for 5m"`, `warning = {max = 30, clear = 25}`.
  LevelSource level_source(const toml::node& node, const std::string& field) const {
    LevelSource source;
    source.node = &node;
    if (node.is_string()) {
      source.text = file_.at(node, [&] { return parse_rule_text(file_.string_of(node, "a level")); });
      if (!source.text.when || source.text.clauses.absent || source.text.clauses.cooldown ||
          source.text.clauses.level || !source.text.name.empty())
        file_.fail(node, "a level takes a condition with for, M of N and clear; the rest belongs to the rule");
      return source;
    }
    const auto field_or_fail = [&]() -> std::string {
      if (field.empty()) file_.fail(node, "a limit needs `field`, the field that it is for");
      return file_.at(node, [&] { return spell_field(field); });
    };
    std::string condition;
    if (const auto digits = digits_of(node)) {
      condition = fmt::format("{} > {}", field_or_fail(), *digits);
      source.text = file_.at(node, [&] { return parse_rule_text(condition); });
      return source;
    }
    const toml::table& table = file_.table_of(node, "a level (or a number, or a string)");
    file_.expect_keys(table, {"min", "max", "when", "for", "of", "clear", "keep", "expire"}, "a level");
    const toml::node* const low = table.get("min");
    const toml::node* const high = table.get("max");
    const toml::node* const when = table.get("when");
    if ((when != nullptr) == (low != nullptr || high != nullptr))
      file_.fail(node, "a level has either `when`, or `min` and `max` or one of them");
    std::string_view ending;
    if (when != nullptr) {
      condition = file_.string_of(*when, "when");
    } else {
      if (low != nullptr) condition = fmt::format("{} < {}", field_or_fail(), limit_of(*low, "min"));
      if (high != nullptr)
        condition += fmt::format("{}{} > {}", low != nullptr ? " or " : "", field_or_fail(), limit_of(*high, "max"));
      ending = low == nullptr ? "<=" : high == nullptr ? ">=" : "";
    }
    source.text = file_.at(node, [&] { return parse_rule_text(condition); });
    if (!source.text.when) file_.fail(node, "a level needs a condition");
    Clauses own = clauses_of(table, ending);
    own.fill_from(source.text.clauses);
    source.text.clauses = own;
    return source;
  }

  void read_parameter(const std::string& parameter, const toml::node& node) {
    const toml::table& table = file_.table_of(node, "a parameter");
    file_.expect_keys(table,
                      {"name", "warning", "critical", "for", "of", "clear", "keep", "expire", "absent", "cooldown",
                       "message", "message_resolved", "message_absent"},
                      "a parameter");
    Rule rule;
    rule.name = parameter;
    rule.parameter = parameter;
    read_levels(rule, table, value_field_);
    if (rule.levels.empty() && !rule.absent) file_.fail(table, "a parameter needs `warning`, `critical` or `absent`");
    add(std::move(rule), table);
  }

  void read_rule(const toml::table& table) {
    file_.expect_keys(table,
                      {"name", "when", "level", "field", "warning", "critical", "for", "of", "clear", "keep", "expire",
                       "absent", "cooldown", "message", "message_resolved", "message_absent"},
                      "a rule");
    const toml::node* const when = table.get("when");
    const toml::node* const level = table.get("level");
    Rule rule;
    if (when != nullptr) {
      if (table.contains("warning") || table.contains("critical"))
        file_.fail(*when, "a rule has either `when` or `warning` and `critical`");
      RuleText text = file_.at(*when, [&] { return parse_rule_text(file_.string_of(*when, "when")); });
      Clauses clauses = clauses_of(table, "");
      rule_clauses(table, clauses);
      if (level != nullptr) clauses.level = level_of(*level);
      clauses.fill_from(text.clauses);
      rule.name = text.name.empty() ? text.text : text.name;
      if (text.when)
        rule.levels.push_back(file_.at(
            *when, [&] { return make_level(clauses.level.value_or(Level::warning), std::move(*text.when), clauses); }));
      rule.absent = clauses.absent;
      rule.cooldown = clauses.cooldown.value_or(Duration(0));
    } else {
      if (level != nullptr) file_.fail(*level, "`level` needs `when`");
      const toml::node* const field = table.get("field");
      read_levels(rule, table, field == nullptr ? std::string() : file_.string_of(*field, "field"));
      if (rule.levels.empty() && !rule.absent)
        file_.fail(table, "a rule needs `when`, `warning`, `critical` or `absent`");
      if (rule.levels.empty()) rule.name = fmt::format("absent for {}", format_duration(*rule.absent));
      for (const LevelRule& each : rule.levels) rule.name += (rule.name.empty() ? "" : ", ") + each.when.text();
    }
    add(std::move(rule), table);
  }

  Level level_of(const toml::node& node) const {
    const std::string& level = file_.string_of(node, "level");
    if (level == "warning") return Level::warning;
    if (level == "critical") return Level::critical;
    file_.fail(node, "level is \"warning\" or \"critical\"");
  }

  void rule_clauses(const toml::table& table, Clauses& clauses) const {
    if (const toml::node* node = table.get("absent")) clauses.absent = file_.duration_of(*node, "absent");
    if (const toml::node* node = table.get("cooldown")) clauses.cooldown = file_.duration_of(*node, "cooldown");
  }

  void read_levels(Rule& rule, const toml::table& table, const std::string& field) const {
    Clauses defaults;
    rule_clauses(table, defaults);
    rule.absent = defaults.absent;
    rule.cooldown = defaults.cooldown.value_or(Duration(0));
    const toml::node* const clear = table.get("clear");
    if (clear != nullptr && !clear->is_string())
      file_.fail(*clear, "clear as a number belongs to a level: warning = {max = 30, clear = 25}");
    defaults = clauses_of(table, "");
    for (const Level level : {Level::warning, Level::critical}) {
      const toml::node* const node = table.get(name_of(level));
      if (node == nullptr) continue;
      LevelSource source = level_source(*node, field);
      source.text.clauses.fill_from(defaults);
      rule.levels.push_back(
          file_.at(*node, [&] { return make_level(level, std::move(*source.text.when), source.text.clauses); }));
    }
  }

  void add(Rule rule, const toml::table& table) {
    if (const toml::node* name = table.get("name")) rule.name = file_.string_of(*name, "name");
    if (rule.name.empty()) file_.fail(table, "a rule's name is empty");
    rule.message = message_of(table, "message");
    rule.message_resolved = message_of(table, "message_resolved");
    rule.message_absent = message_of(table, "message_absent");
    if (!names_.insert(rule.name).second)
      file_.fail(table, fmt::format("a second rule `{}`: give it a `name`", rule.name));
    rules_.push_back(std::move(rule));
  }

  TomlFile file_;
  const std::string& value_field_;
  std::vector<Rule> rules_;
  std::set<std::string> names_;
};

}  // namespace

std::vector<Rule> read_rules(std::string_view text, const std::string& path, const std::string& value_field) {
  return RulesFile(path, text, value_field).read();
}

}  // namespace weir::thresh_alert
