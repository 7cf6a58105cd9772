#include "config/toml_file.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

namespace weir {

TomlFile::TomlFile(std::string path, std::string_view text) : path_(std::move(path)) {
  try {
    root_ = toml::parse(text, path_);
  } catch (const toml::parse_error& error) {
    throw ConfigError(fmt::format("{}:{}: {}", path_, error.source().begin.line, error.description()));
  }
}

std::string TomlFile::place_of(const toml::node& node) const {
  return fmt::format("{}:{}", path_, node.source().begin.line);
}

void TomlFile::fail(const toml::node& node, std::string_view reason) const {
  throw ConfigError(fmt::format("{}: {}", place_of(node), reason));
}

void TomlFile::expect_keys(const toml::table& table, std::initializer_list<std::string_view> known,
                           std::string_view where) const {
  for (const auto& [key, node] : table) {
    if (std::find(known.begin(), known.end(), key.str()) != known.end()) continue;
    throw ConfigError(fmt::format("{}:{}: unknown key `{}` in {}; there {} {}", path_, key.source().begin.line,
                                  key.str(), where, known.size() == 1 ? "is" : "are", fmt::join(known, ", ")));
  }
}

const toml::table& TomlFile::table_of(const toml::node& node, std::string_view key) const {
  const toml::table* const table = node.as_table();
  if (table == nullptr) fail(node, fmt::format("{} must be a table", key));
  return *table;
}

std::string TomlFile::string_of(const toml::node& node, std::string_view key) const {
  const auto* const text = node.as_string();
  if (text == nullptr) fail(node, fmt::format("{} must be a string", key));
  return text->get();
}

std::vector<std::string> TomlFile::strings_of(const toml::node& node, std::string_view key) const {
  const toml::array* const list = node.as_array();
  if (list == nullptr) return {string_of(node, key)};
  std::vector<std::string> made;
  for (const toml::node& each : *list) made.push_back(string_of(each, key));
  return made;
}

bool TomlFile::bool_of(const toml::node& node, std::string_view key) const {
  const auto* const value = node.as_boolean();
  if (value == nullptr) fail(node, fmt::format("{} must be true or false", key));
  return value->get();
}

Duration TomlFile::duration_of(const toml::node& node, std::string_view key) const {
  const auto length = node.is_string() ? parse_duration(string_of(node, key)) : std::optional<Duration>();
  if (!length) fail(node, fmt::format("{} must be a duration with its unit, such as \"5m\"", key));
  return *length;
}

void TomlFile::each_table(std::string_view name, const std::function<void(const toml::table& table)>& each) const {
  const toml::node* const node = root_.get(name);
  if (node == nullptr) return;
  const toml::array* const list = node->as_array();
  if (list == nullptr) fail(*node, fmt::format("a {0} is written [[{0}]]", name));
  for (const toml::node& entry : *list) each(table_of(entry, name));
}

void TomlFile::each_entry(std::string_view name,
                          const std::function<void(const std::string& key, const toml::node& node)>& each) const {
  const toml::node* const node = root_.get(name);
  if (node == nullptr) return;
  for (const auto& [key, entry] : table_of(*node, name)) each(std::string(key.str()), entry);
}

}  // namespace weir
