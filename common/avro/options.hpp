// The file of a schema that an option names; for main.cpp and files of options alone, as the room itself knows none.
#pragma once
#include <fmt/format.h>

#include <fstream>
#include <iterator>
#include <memory>
#include <stdexcept>
#include <string>

#include "avro/schema.hpp"
#include "cli/errors.hpp"

namespace weir::avro {

/// The text of a file that `option` names. Throws cli::UsageError where it cannot be read.
inline std::string read_schema_file(const char* option, const std::string& path) {
  std::string text;
  std::ifstream file(path, std::ios::binary);
  try {
    file.exceptions(std::ios::failbit | std::ios::badbit);
    text.assign(std::istreambuf_iterator<char>(file), {});
  } catch (const std::ios_base::failure&) {
    throw cli::UsageError(fmt::format("{}: {} cannot be read", option, path));
  }
  return text;
}

/// The schema in the file of --avro-schema, nullptr where it is not given. Throws cli::UsageError with the place and
/// the problem.
inline std::shared_ptr<const Schema> schema_of_file(const std::string& path) {
  if (path.empty()) return nullptr;
  try {
    return Schema::parse(read_schema_file("--avro-schema", path));
  } catch (const std::invalid_argument& problem) {
    throw cli::UsageError(fmt::format("--avro-schema {}: {}", path, problem.what()));
  }
}

}  // namespace weir::avro
