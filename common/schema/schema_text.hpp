// A schema's text, before it is compiled: its draft, its references, its numbers.
#pragma once
#include <nlohmann/json.hpp>
#include <string>

#include "schema/program.hpp"

namespace weir::schema {

/// A schema's text, read and checked.
struct SchemaText {
  nlohmann::json json;
  Draft draft = Draft::seven;
};

/// Reads a text, and refuses what could not be compiled right: another draft, a `$ref` that leads out of the file,
/// nowhere, or in a circle, and numbers that would lose digits. Throws std::invalid_argument.
SchemaText read_schema_text(const std::string& text);

}  // namespace weir::schema
