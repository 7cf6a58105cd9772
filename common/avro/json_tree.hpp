// A JSON text as a tree, for schemas: small texts that are read once.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "record/value.hpp"

namespace weir::avro {

/// A value and all that is in it.
struct JsonTree {
  Kind kind = Kind::null;
  std::string text;                ///< a string without escapes; the token of a number or literal
  std::string raw;                 ///< the bytes of the value
  std::vector<std::string> names;  ///< of an object's members
  std::vector<JsonTree> items;     ///< a list's elements, or the members' values

  /// The member of that name (of several the last), or nullptr.
  const JsonTree* find(std::string_view name) const;
};

/// Reads one JSON value, nested 64 deep at most. Throws std::invalid_argument with the reason.
JsonTree read_json_tree(std::string_view text);

}  // namespace weir::avro
