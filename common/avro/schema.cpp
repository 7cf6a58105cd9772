#include "avro/schema.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <map>
#include <optional>
#include <stdexcept>
#include <utility>

#include "avro/encoder.hpp"
#include "avro/json_tree.hpp"
#include "record/foreign_json.hpp"
#include "record/value_checks.hpp"

namespace weir::avro {
namespace {

constexpr std::array<std::pair<std::string_view, Type>, 8> primitives{{{"null", Type::null},
                                                                       {"boolean", Type::boolean},
                                                                       {"int", Type::int32},
                                                                       {"long", Type::int64},
                                                                       {"float", Type::float32},
                                                                       {"double", Type::float64},
                                                                       {"bytes", Type::bytes},
                                                                       {"string", Type::string}}};

struct LogicalName {
  std::string_view name;
  Logical logical;
  Type type;
};
constexpr std::array<LogicalName, 11> logicals{
    {{"uuid", Logical::uuid, Type::string},
     {"date", Logical::date, Type::int32},
     {"time-millis", Logical::time_millis, Type::int32},
     {"time-micros", Logical::time_micros, Type::int64},
     {"timestamp-millis", Logical::timestamp_millis, Type::int64},
     {"timestamp-micros", Logical::timestamp_micros, Type::int64},
     {"timestamp-nanos", Logical::timestamp_nanos, Type::int64},
     {"local-timestamp-millis", Logical::local_timestamp_millis, Type::int64},
     {"local-timestamp-micros", Logical::local_timestamp_micros, Type::int64},
     {"local-timestamp-nanos", Logical::local_timestamp_nanos, Type::int64},
     {"decimal", Logical::decimal, Type::bytes}}};

constexpr std::uint32_t most_digits = 4000;       // of a decimal: its conversion takes quadratic time
constexpr std::size_t most_branches = 1000;       // of a union: they are compared with each other
constexpr std::size_t largest_fixed = 1U << 20U;  // bytes

std::optional<Type> primitive(std::string_view name) {
  const auto* const found =
      std::find_if(primitives.begin(), primitives.end(), [&](const auto& each) { return each.first == name; });
  return found == primitives.end() ? std::nullopt : std::optional(found->second);
}

bool is_full_name(std::string_view text) {
  for (;;) {
    const auto dot = text.find('.');
    if (!is_avro_name(text.substr(0, dot))) return false;
    if (dot == std::string_view::npos) return true;
    text.remove_prefix(dot + 1);
  }
}

}  // namespace

bool is_avro_name(std::string_view text) {
  const auto letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; };
  return !text.empty() && letter(text[0]) &&
         std::all_of(text.begin(), text.end(), [&](char c) { return letter(c) || (c >= '0' && c <= '9'); });
}

/// Reads schemas: types by their names, as they were defined so far.
class SchemaReader {
 public:
  explicit SchemaReader(Schema& schema) : schema_(schema) {}

  const Node* read(std::string_view text) {
    const JsonTree tree = read_json_tree(text);
    return type_of(tree, "", "the schema");
  }

  /// Encodes the defaults, which may use types that are defined after them.
  void encode_defaults() {
    DefaultWork work;
    for (auto& [node, name] : records_) {
      for (Field& field : node->fields) {
        if (!field.has_default) continue;
        std::string bytes;
        if (const std::string problem = encode_default(*field.type, field.default_json, bytes, work); !problem.empty())
          fail(fmt::format("{}.{}", name, field.name), "the default does not fit: " + problem);
        field.default_bytes = std::move(bytes);
      }
    }
  }

 private:
  [[noreturn]] static void fail(std::string_view place, std::string_view problem) {
    throw std::invalid_argument(fmt::format("{}: {}", place, problem));
  }

  Node& add(Type type, std::string_view name) {
    Node& node = schema_.nodes_.emplace_back();
    node.type = type;
    node.name = name;
    return node;
  }

  const Node* type_of(const JsonTree& tree, const std::string& space, const std::string& place) {
    switch (tree.kind) {
      case Kind::string:
        return named(tree.text, space, place);
      case Kind::array:
        return union_of(tree, space, place);
      case Kind::object:
        return complex_type(tree, space, place);
      default:
        fail(place, fmt::format("{} is not a type", shortened(tree.raw)));
    }
  }

  const Node* named(const std::string& name, const std::string& space, const std::string& place) {
    if (const auto type = primitive(name)) return &add(*type, name);
    for (const std::string& full : {full_name(name, space), name})
      if (const auto found = names_.find(full); found != names_.end()) return found->second;
    fail(place, fmt::format("the type \"{}\" is not defined", shortened(name)));
  }

  static std::string full_name(const std::string& name, const std::string& space) {
    return space.empty() || name.find('.') != std::string::npos ? name : space + '.' + name;
  }

  const Node* union_of(const JsonTree& tree, const std::string& space, const std::string& place) {
    Node& node = add(Type::choice, "union");
    if (tree.items.empty()) fail(place, "a union has no branches");
    if (tree.items.size() > most_branches) fail(place, fmt::format("a union has more than {} branches", most_branches));
    for (const JsonTree& item : tree.items) {
      const Node* const branch = type_of(item, space, place);
      if (branch->type == Type::choice) fail(place, "a union stands in a union");
      for (const Node* other : node.branches)
        if (other->name == branch->name) fail(place, fmt::format("a union has two branches of {}", branch->name));
      if (branch->type == Type::null) node.null_branch = static_cast<int>(node.branches.size());
      node.branches.push_back(branch);
    }
    if (node.branches.size() == 2 && node.null_branch >= 0) node.only_branch = 1 - node.null_branch;
    return &node;
  }

  const Node* complex_type(const JsonTree& tree, const std::string& space, const std::string& place) {
    const JsonTree* const type = tree.find("type");
    if (type == nullptr) fail(place, "an object without \"type\"");
    if (type->kind != Kind::string) return type_of(*type, space, place);
    const std::string& name = type->text;
    if (const auto simple = primitive(name)) {
      Node& node = add(*simple, name);
      read_logical(tree, node);
      return &node;
    }
    if (name == "array" || name == "map") {
      const char* const part = name == "array" ? "items" : "values";
      const JsonTree* const inner = tree.find(part);
      if (inner == nullptr) fail(place, fmt::format("{} without \"{}\"", name, part));
      Node& node = add(name == "array" ? Type::array : Type::map, name);
      node.branches.push_back(type_of(*inner, space, fmt::format("{} of {}", part, place)));
      return &node;
    }
    if (name == "record" || name == "error") return record_of(tree, space, place);
    if (name == "enum") return enum_of(tree, space, place);
    if (name == "fixed") return fixed_of(tree, space, place);
    return named(name, space, place);
  }

  /// Makes a named type; `space` becomes the namespace for names in it.
  Node& define(Type type, const JsonTree& tree, std::string& space, const std::string& place) {
    const JsonTree* const name = tree.find("name");
    if (name == nullptr || name->kind != Kind::string) fail(place, "a named type without \"name\"");
    const JsonTree* const given = tree.find("namespace");
    std::string full = name->text;
    if (given != nullptr && given->kind == Kind::string)
      full = full_name(full, given->text);
    else
      full = full_name(full, space);
    if (!is_full_name(full)) fail(place, fmt::format("\"{}\" cannot be a name", shortened(full)));
    if (primitive(full)) fail(place, fmt::format("\"{}\" is the name of a primitive type", full));
    Node& node = add(type, full);
    if (!names_.emplace(full, &node).second) fail(place, fmt::format("the type \"{}\" is defined twice", full));
    const auto dot = full.rfind('.');
    space = dot == std::string::npos ? std::string() : full.substr(0, dot);
    return node;
  }

  const Node* record_of(const JsonTree& tree, std::string space, const std::string& place) {
    Node& node = define(Type::record, tree, space, place);
    const JsonTree* const fields = tree.find("fields");
    if (fields == nullptr || fields->kind != Kind::array) fail(node.name, "a record without \"fields\"");
    node.fields.reserve(fields->items.size());
    for (const JsonTree& each : fields->items) {
      const JsonTree* const name = each.find("name");
      if (name == nullptr || name->kind != Kind::string) fail(node.name, "a field without \"name\"");
      const std::string inside = node.name + '.' + name->text;
      if (!is_avro_name(name->text))
        fail(node.name, fmt::format("\"{}\" cannot be a field's name", shortened(name->text)));
      const JsonTree* const type = each.find("type");
      if (type == nullptr) fail(inside, "a field without \"type\"");
      Field field;
      field.name = name->text;
      field.json_name = fmt::format("\"{}\":", name->text);
      field.type = type_of(*type, space, inside);
      if (const JsonTree* const value = each.find("default")) {
        field.has_default = true;
        field.default_json = value->raw;
      }
      node.fields.push_back(std::move(field));
    }
    for (std::size_t i = 0; i < node.fields.size(); ++i)
      if (!node.places.emplace(node.fields[i].name, i).second)
        fail(node.name, fmt::format("the field \"{}\" stands twice", node.fields[i].name));
    records_.emplace_back(&node, node.name);
    return &node;
  }

  const Node* enum_of(const JsonTree& tree, std::string space, const std::string& place) {
    Node& node = define(Type::enumeration, tree, space, place);
    const JsonTree* const symbols = tree.find("symbols");
    if (symbols == nullptr || symbols->kind != Kind::array || symbols->items.empty())
      fail(node.name, "an enum without \"symbols\"");
    node.symbols.reserve(symbols->items.size());
    for (const JsonTree& each : symbols->items) {
      if (each.kind != Kind::string || !is_avro_name(each.text))
        fail(node.name, fmt::format("{} cannot be a symbol", shortened(each.raw)));
      node.symbols.push_back(each.text);
    }
    for (std::size_t i = 0; i < node.symbols.size(); ++i)
      if (!node.places.emplace(node.symbols[i], i).second)
        fail(node.name, fmt::format("the symbol \"{}\" stands twice", node.symbols[i]));
    return &node;
  }

  const Node* fixed_of(const JsonTree& tree, std::string space, const std::string& place) {
    Node& node = define(Type::fixed, tree, space, place);
    const auto size = number(tree.find("size"));
    if (!size || *size > largest_fixed)
      fail(node.name, fmt::format("\"size\" is not a number up to {}", largest_fixed));
    node.size = *size;
    read_logical(tree, node);
    return &node;
  }

  static std::optional<std::uint32_t> number(const JsonTree* tree) {
    std::uint32_t value = 0;
    if (tree == nullptr || tree->kind != Kind::number) return std::nullopt;
    const char* const end = tree->text.data() + tree->text.size();
    const auto done = std::from_chars(tree->text.data(), end, value);
    return done.ec == std::errc{} && done.ptr == end ? std::optional(value) : std::nullopt;
  }

  static void read_logical(const JsonTree& tree, Node& node) {
    const JsonTree* const given = tree.find("logicalType");
    if (given == nullptr) return;
    const auto* const found = std::find_if(logicals.begin(), logicals.end(),
                                           [&](const LogicalName& each) { return each.name == given->text; });
    if (found == logicals.end()) return;
    if (found->logical == Logical::decimal) return read_decimal(tree, node);
    const bool uuid_bytes = found->logical == Logical::uuid && node.type == Type::fixed && node.size == 16;
    if (node.type == found->type || uuid_bytes) node.logical = found->logical;
  }

  static void read_decimal(const JsonTree& tree, Node& node) {
    const auto precision = number(tree.find("precision"));
    const JsonTree* const given = tree.find("scale");
    const auto scale = given == nullptr ? std::optional<std::uint32_t>(0) : number(given);
    if (node.type != Type::bytes && node.type != Type::fixed) return;
    if (!precision || *precision == 0 || *precision > most_digits || !scale || *scale > *precision) return;
    node.logical = Logical::decimal;
    node.precision = *precision;
    node.scale = *scale;
  }

  Schema& schema_;
  std::map<std::string, const Node*, std::less<>> names_;
  std::vector<std::pair<Node*, std::string>> records_;
};

std::string described(const Node& node) {
  if (node.logical == Logical::decimal) return fmt::format("a decimal({},{})", node.precision, node.scale);
  for (const LogicalName& each : logicals)
    if (node.logical == each.logical) return fmt::format("a {}", each.name);
  switch (node.type) {
    case Type::null:
    case Type::bytes:
      return node.name;
    case Type::int32:
    case Type::array:
      return "an " + node.name;
    case Type::record:
      return "a record " + node.name;
    case Type::enumeration:
      return "a symbol of " + node.name;
    case Type::fixed:
      return fmt::format("a fixed {} of {} bytes", node.name, node.size);
    case Type::choice: {
      std::string text = "any of ";
      for (const Node* branch : node.branches) text += (text.size() > 7 ? ", " : "") + branch->name;
      return text;
    }
    default:
      return "a " + node.name;
  }
}

std::shared_ptr<const Schema> Schema::parse(std::string_view text, std::span<const std::string> references) {
  const std::shared_ptr<Schema> schema(new Schema);
  SchemaReader reader(*schema);
  for (const std::string& reference : references) reader.read(reference);
  schema->root_ = reader.read(text);
  reader.encode_defaults();
  append_on_one_line(schema->text_, text);
  return schema;
}

}  // namespace weir::avro
