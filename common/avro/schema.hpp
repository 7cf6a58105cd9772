// Avro schemas, compiled for encoding and decoding.
#pragma once
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace weir::avro {

enum class Type : std::uint8_t {
  null,
  boolean,
  int32,
  int64,
  float32,
  float64,
  bytes,
  string,
  record,
  enumeration,
  array,
  map,
  choice,  ///< a union
  fixed
};

enum class Logical : std::uint8_t {
  none,
  decimal,
  uuid,
  date,
  time_millis,
  time_micros,
  timestamp_millis,
  timestamp_micros,
  timestamp_nanos,
  local_timestamp_millis,
  local_timestamp_micros,
  local_timestamp_nanos
};

struct Node;

/// A field of a record.
struct Field {
  std::string name;
  std::string json_name;  ///< `"name":`
  const Node* type = nullptr;
  bool has_default = false;
  std::string default_json;
  std::string default_bytes;  ///< the default, encoded
};

/// A type of the schema. Nodes refer to each other; a recursive schema has cycles.
struct Node {
  Type type = Type::null;
  Logical logical = Logical::none;
  std::string name;  ///< of a named type in full, otherwise of the type: a union's branch goes by it
  std::uint32_t precision = 0;
  std::uint32_t scale = 0;
  std::size_t size = 0;  ///< bytes of a fixed
  std::vector<Field> fields;
  std::unordered_map<std::string_view, std::size_t> places;  ///< of fields or symbols, by name
  std::vector<std::string> symbols;
  std::vector<const Node*> branches;  ///< of a union; the one type of an array's items or a map's values
  int null_branch = -1;               ///< of a union, -1: it has none
  int only_branch = -1;               ///< the other branch of a union of null and one type, otherwise -1
};

/// Whether a text can be the name of a field or a symbol: letters, digits and _, without a digit in front.
bool is_avro_name(std::string_view text);

/// How a type is named in messages: `a double`, `an array`, `a timestamp-millis`.
std::string described(const Node& node);

/// A compiled schema.
///
/// It is read here, and not by libavro (C, 1.11): that forgets defaults and logical types, which records need, and
/// takes defaults that do not fit. Names are resolved as the specification (1.11) says; aliases, `doc` and `order` have
/// no meaning for a writer and are passed over. A logical type that is unknown or does not fit its type is ignored, as
/// the specification asks.
class Schema {
 public:
  /// Compiles a schema; `references` are those that it names, each after those that it names itself. Throws
  /// std::invalid_argument with the place and what is wrong there.
  static std::shared_ptr<const Schema> parse(std::string_view text, std::span<const std::string> references = {});

  const Node& root() const { return *root_; }
  bool is_record() const { return root_->type == Type::record; }
  /// The JSON as it was given, on one line: what a registry is given.
  const std::string& text() const { return text_; }

 private:
  friend class SchemaReader;
  Schema() = default;
  std::deque<Node> nodes_;
  const Node* root_ = nullptr;
  std::string text_;
};

}  // namespace weir::avro
