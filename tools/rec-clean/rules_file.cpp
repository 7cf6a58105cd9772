#include "rules_file.hpp"

#include <fmt/format.h>

#include <stdexcept>
#include <string_view>

#include "config/toml_file.hpp"
#include "rec_clean.hpp"
#include "record/field_as.hpp"
#include "record/group_key.hpp"
#include "record/json_text.hpp"
#include "record/number.hpp"
#include "record/parser.hpp"

namespace weir::rec_clean {
namespace {

/// Reads one file; every error has its line.
class RulesFile {
 public:
  explicit RulesFile(Settings& settings) : file_(settings.rules_file, settings.rules_text), settings_(settings) {}

  void read() {
    file_.expect_keys(file_.root(), {"field", "parameter", "key"}, "the file");
    for (const char* kind : {"field", "parameter"})
      file_.each_entry(kind, [&](const std::string& name, const toml::node& rules) { read_target(kind, name, rules); });
    file_.each_table("key", [&](const toml::table& table) { read_key(table); });
  }

 private:
  std::string text_of(const toml::node& node, std::string_view key) const {
    if (const auto* text = node.as_string(); text != nullptr && !text->get().empty()) return text->get();
    if (const auto* number = node.as_integer(); number != nullptr && key == "round")
      return fmt::format("{}", number->get());
    file_.fail(node, fmt::format("{} must be a text, as in the option --{}", key, key));
  }

  /// `[field.NAME]` and `[parameter.NAME]`: each key is an option's text without the name.
  void read_target(const std::string& kind, const std::string& name, const toml::node& node) {
    const toml::table& rules = file_.table_of(node, kind);
    const bool is_long = !settings_.parameter.empty();
    if (kind == "parameter" && !is_long) file_.fail(node, "[parameter.NAME] needs --parameter");
    if (kind == "field" && is_long)
      file_.expect_keys(rules, {"type", "round"}, "a field beside --parameter");
    else if (kind == "field")
      file_.expect_keys(rules, {"type", "convert", "range", "round", "qc"}, "a field");
    else
      file_.expect_keys(rules, {"convert", "range", "qc"}, "a parameter");
    add(rules, name, "type", "=", settings_.types);
    add(rules, name, "convert", ":", settings_.conversions);
    add(rules, name, "range", "=", settings_.ranges);
    add(rules, name, "round", "=", settings_.rounds);
    add(rules, name, "qc", ": ", settings_.quality.tests);
  }

  /// Adds a rule to the option that it stands for, unless that has one of the same name.
  void add(const toml::table& rules, const std::string& name, std::string_view key, std::string_view separator,
           std::vector<std::string>& option) {
    const toml::node* const node = rules.get(key);
    if (node == nullptr) return;
    const std::string begin = name + std::string(separator.substr(0, 1));
    for (const std::string& other : option)
      if (other.starts_with(begin)) file_.fail(*node, fmt::format("{} has a --{} already", name, key));
    const std::string text = text_of(*node, key);
    const bool has_place = key == "convert" && (text.starts_with("->") || text.starts_with('['));
    option.push_back(name + (has_place ? std::string() : std::string(separator)) + text);
    try {
      check(key, option.back(), text);
    } catch (const std::invalid_argument& error) {
      file_.fail(*node, key == "convert" ? error.what() : fmt::format("{}: {}", key, error.what()));
    }
  }

  /// Reads a rule once for its errors, so that they have a line.
  void check(std::string_view key, const std::string& option, const std::string& text) const {
    if (key == "type") {
      parse_type(option);
    } else if (key == "range") {
      clean::parse_range(option);
    } else if (key == "round") {
      parse_round(option);
    } else if (key == "qc") {
      clean::parse_qartod(text);
    } else {
      Cells cells;
      Conversions().add(option, settings_.parameter, settings_.value_field, cells);
    }
  }

  void read_key(const toml::table& table) {
    file_.expect_keys(table, {"is", "field", "parameter"}, "a key");
    const toml::node* const is = table.get("is");
    if (is == nullptr) file_.fail(table, "a key needs `is`, its value, or a list of its values");
    std::vector<std::string> key;
    if (const toml::array* list = is->as_array())
      for (const toml::node& each : *list) key.push_back(token_of(each));
    else
      key.push_back(token_of(*is));
    const char* const kind = settings_.parameter.empty() ? "field" : "parameter";
    if (const char* other = settings_.parameter.empty() ? "parameter" : "field"; table.contains(other))
      file_.fail(*table.get(other), fmt::format("expected [key.{}.NAME] here", kind));
    const toml::node* const targets = table.get(kind);
    if (targets == nullptr) file_.fail(table, fmt::format("a key without rules: expected [key.{}.NAME]", kind));
    for (const auto& [name, node] : file_.table_of(*targets, kind)) {
      const toml::table& rules = file_.table_of(node, kind);
      file_.expect_keys(rules, {"range", "qc"}, "a key's rules");
      KeyRule rule{key, std::string(name.str()), {}, {}, file_.place_of(node)};
      if (const toml::node* range = rules.get("range")) rule.range = rule.target + "=" + text_of(*range, "range");
      if (const toml::node* tests = rules.get("qc")) rule.tests = text_of(*tests, "qc");
      settings_.key_rules.push_back(std::move(rule));
    }
  }

  /// A value of a key, as JSON.
  std::string token_of(const toml::node& node) const {
    std::string token;
    if (const auto* text = node.as_string())
      append_json_string(token, text->get());
    else if (const auto* number = node.as_integer())
      append_number(token, number->get());
    else if (const auto* flag = node.as_boolean())
      token = flag->get() ? "true" : "false";
    else
      file_.fail(node, "a key's value is a text, a whole number, true or false");
    return token;
  }

  TomlFile file_;
  Settings& settings_;
};

/// Appends members that make a record with the value at the path.
void append_nested(std::string& line, const std::vector<std::string>& path, const std::string& token) {
  for (const std::string& name : path) {
    line += '{';
    append_json_string(line, name);
    line += ':';
  }
  line += token;
  line.append(path.size(), '}');
}

}  // namespace

void add_rules(Settings& settings) {
  if (!settings.rules_file.empty()) RulesFile(settings).read();
}

std::string key_of(const KeyRule& rule, const std::vector<std::string>& by) {
  if (by.empty()) throw std::invalid_argument("[[key]] needs --by, the fields that make the key");
  if (by.size() != rule.key.size())
    throw std::invalid_argument(
        fmt::format("`is` has {} of {} values: one for each field of --by is expected", rule.key.size(), by.size()));
  std::string whole;
  for (std::size_t i = 0; i < by.size(); ++i) {
    FieldSet fields;
    GroupKey one({by[i]}, fields);
    RecordParser parser(fields);
    std::string line;
    append_nested(line, FieldSet::split(read_field_as(by[i]).path), rule.key[i]);
    const Record* const record = parser.parse_copy(line, 1);
    std::string_view key;
    if (record == nullptr || one.read(*record, key).rejected() || key != rule.key[i])
      throw std::invalid_argument(fmt::format("{} cannot be a key of {}", rule.key[i], by[i]));
    GroupKey::append_field(whole, key, 0);
  }
  return whole;
}

}  // namespace weir::rec_clean
