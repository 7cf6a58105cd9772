#include "tables/toml_rows.hpp"

#include <fmt/format.h>

#include <sstream>

#include "config/toml_file.hpp"
#include "record/json_text.hpp"
#include "record/number.hpp"
#include "tables/rows.hpp"

namespace weir::tables {
namespace {

/// Appends a value as JSON. TOML has no digits but a double's, of which the shortest are written; times become strings.
void append_json(std::string& out, const toml::node& node) {
  if (const auto* const table = node.as_table()) {
    out += '{';
    for (const auto& [key, value] : *table) {
      if (out.back() != '{') out += ',';
      append_json_string(out, key.str());
      out += ':';
      append_json(out, value);
    }
    out += '}';
  } else if (const auto* const list = node.as_array()) {
    out += '[';
    for (const toml::node& value : *list) {
      if (out.back() != '[') out += ',';
      append_json(out, value);
    }
    out += ']';
  } else if (const auto* const text = node.as_string()) {
    append_json_string(out, text->get());
  } else if (const auto* const integer = node.as_integer()) {
    append_number(out, integer->get());
  } else if (const auto* const number = node.as_floating_point()) {
    append_number(out, number->get());
  } else if (const auto* const truth = node.as_boolean()) {
    out += truth->get() ? "true" : "false";
  } else {
    std::ostringstream time;
    if (const auto* const date = node.as_date()) time << *date;
    if (const auto* const clock = node.as_time()) time << *clock;
    if (const auto* const both = node.as_date_time()) time << *both;
    append_json_string(out, time.str());
  }
}

}  // namespace

void each_toml_row(std::string_view text, const std::string& name,
                   const std::function<bool(std::uint64_t line, std::string_view object)>& each) {
  const TomlFile file = [&] {
    try {
      return TomlFile(name, text);
    } catch (const ConfigError& error) {
      throw TableError(error.what());
    }
  }();
  const toml::table& root = file.root();
  const auto is_rows = [](const toml::node& node) { return node.is_array_of_tables(); };
  if (root.size() != 1 || !is_rows(root.begin()->second))
    throw TableError(name + ": expected rows of one name, each under a line such as [[meter]]");
  for (const toml::node& row : *root.begin()->second.as_array()) {
    std::string line;
    append_json(line, row);
    if (!each(row.source().begin.line, line)) return;
  }
}

}  // namespace weir::tables
