// The rows of a TOML file.
#pragma once
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace weir::tables {

/// Calls `each` with the line and the JSON object of every entry of the file's one array of tables (`[[meter]]`), until
/// it returns false. Throws TableError.
void each_toml_row(std::string_view text, const std::string& name,
                   const std::function<bool(std::uint64_t line, std::string_view object)>& each);

}  // namespace weir::tables
