#include "schema/schema_text.hpp"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <cstdint>
#include <set>
#include <stdexcept>
#include <utility>

#include "record/number.hpp"
#include "schema/document.hpp"
#include "schema/numbers.hpp"

namespace weir::schema {
namespace {

using Json = nlohmann::json;
constexpr int most_references = 100;  // one after the other

Draft draft_of(const Json& root) {
  const auto found = root.is_object() ? root.find("$schema") : root.end();
  if (!root.is_object() || found == root.end()) return Draft::seven;
  if (!found->is_string()) throw std::invalid_argument("$schema is not a string");
  std::string name = found->get<std::string>();
  const std::string given = name;
  for (const char* const scheme : {"http://", "https://"})
    if (name.starts_with(scheme)) name.erase(0, std::string(scheme).size());
  if (name.ends_with('#')) name.pop_back();
  constexpr std::array<std::pair<const char*, Draft>, 3> known{{{"json-schema.org/draft-04/schema", Draft::four},
                                                                {"json-schema.org/draft-06/schema", Draft::six},
                                                                {"json-schema.org/draft-07/schema", Draft::seven}}};
  for (const auto& [uri, draft] : known)
    if (name == uri) return draft;
  throw std::invalid_argument(fmt::format("$schema {}: drafts 4, 6 and 7 are read", given));
}

/// The JSON Pointer after a `#`, with its percent signs resolved.
std::string pointer_of(std::string_view fragment) {
  std::string pointer;
  for (std::size_t i = 0; i < fragment.size(); ++i) {
    unsigned code = 0;
    const char* const digits = fragment.data() + i + 1;
    if (fragment[i] == '%' && i + 2 < fragment.size() &&
        std::from_chars(digits, digits + 2, code, 16).ptr == digits + 2) {
      pointer += static_cast<char>(code);
      i += 2;
    } else {
      pointer += fragment[i];
    }
  }
  return pointer;
}

/// The value that a `$ref` within the file leads to.
const Json& target_of(const Json& root, const std::string& reference) {
  const std::string pointer = pointer_of(std::string_view(reference).substr(1));
  if (!pointer.empty() && (pointer.front() != '/' || pointer.back() == '/'))
    throw std::invalid_argument(fmt::format("$ref {}: expected # and a path, as in #/definitions/reading", reference));
  try {
    return root.at(Json::json_pointer(pointer));
  } catch (const Json::exception&) {
    throw std::invalid_argument(fmt::format("$ref {}: there is no such place in the file", reference));
  }
}

const std::string* reference_of(const Json& json) {
  if (!json.is_object()) return nullptr;
  const auto found = json.find("$ref");
  return found != json.end() && found->is_string() ? found->get_ptr<const std::string*>() : nullptr;
}

/// Whether the values of a keyword are data, and no schemas.
bool is_data(const std::string& keyword) {
  return keyword == "enum" || keyword == "const" || keyword == "default" || keyword == "examples";
}

/// Makes each `$ref` one within the file. `base` is the name that the schema gives itself.
void shorten_references(Json& json, const std::string& base) {
  if (json.is_array())
    for (Json& each : json) shorten_references(each, base);
  if (!json.is_object()) return;
  for (auto& [name, value] : json.items()) {
    if (name != "$ref" || !value.is_string()) {
      if (!is_data(name)) shorten_references(value, base);
      continue;
    }
    std::string reference = value.get<std::string>();
    if (!base.empty() && reference.starts_with(base)) {
      reference.erase(0, base.size());
      if (reference.empty()) reference = "#";
    }
    if (!reference.starts_with('#'))
      throw std::invalid_argument(fmt::format("$ref {} leads out of the file; put that schema under definitions",
                                              value.get<std::string>()));
    value = reference;
  }
}

/// Checks each `$ref` of a part of the file, and that no two parts have the same path: a name may have a slash.
void check_references(const Json& root, const Json& part, const std::string& path, std::set<std::string>& paths) {
  if (!paths.insert(path).second) throw std::invalid_argument(fmt::format("two places have the path {}", path));
  const Json* at = &part;
  for (int i = 0; reference_of(*at) != nullptr; ++i) {
    if (i == most_references) throw std::invalid_argument(fmt::format("$ref {} goes in a circle", *reference_of(part)));
    at = &target_of(root, *reference_of(*at));
  }
  if (part.is_array())
    for (std::size_t i = 0; i < part.size(); ++i)
      check_references(root, part[i], fmt::format("{}/{}", path, i), paths);
  if (part.is_object())
    for (const auto& [name, value] : part.items()) {
      if (name.find('\0') != std::string::npos) throw std::invalid_argument("a name has a NUL");
      if (!is_data(name)) check_references(root, value, fmt::format("{}/{}", path, name), paths);
    }
}

/// Refuses a number that would lose digits: limits are held as doubles, other whole numbers as 64 bits.
void check_numbers(const Document& document) {
  for (Place at = 0; at < document[0].size; ++at) {
    const Node& node = document[at];
    if (node.value.kind != Kind::number) continue;
    const bool is_limit = node.name.ends_with("imum") || node.name == "multipleOf";
    std::int64_t whole = 0;
    const std::string_view raw = node.value.raw;
    if (!is_limit && std::from_chars(raw.data(), raw.data() + raw.size(), whole).ptr == raw.data() + raw.size()) {
      std::string digits;
      append_number(digits, whole);
      if (digits == raw) continue;
    }
    Value kept;
    std::string digits;
    append_number(digits, node.value.number().value_or(0));
    kept.kind = Kind::number;
    kept.raw = kept.text = digits;
    if (!node.value.number() || compare_numbers(node.value, kept) != 0)
      throw std::invalid_argument(fmt::format("the number {} has more digits than a schema keeps", raw));
  }
}

}  // namespace

SchemaText read_schema_text(const std::string& text) {
  Document document;
  if (const char* reason = document.read(text)) throw std::invalid_argument(reason);
  check_numbers(document);
  SchemaText schema;
  try {
    schema.json = Json::parse(text);
  } catch (const Json::exception& error) {
    throw std::invalid_argument(error.what());
  }
  if (!schema.json.is_object() && !schema.json.is_boolean()) throw std::invalid_argument("not a JSON object");
  schema.draft = draft_of(schema.json);
  std::string base;
  if (const char* name = schema.draft == Draft::four ? "id" : "$id"; schema.json.is_object() && schema.json.contains(name))
    if (const Json& id = schema.json[name]; id.is_string()) base = id.get<std::string>();
  if (base.ends_with('#')) base.pop_back();
  shorten_references(schema.json, base);
  std::set<std::string> paths;
  check_references(schema.json, schema.json, "", paths);
  return schema;
}

}  // namespace weir::schema
