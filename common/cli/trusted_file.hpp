// Files that decide what a tool does.
#pragma once
#include <string>

namespace weir::cli {

/// The bytes of a file of options or variables. Throws UsageError when it cannot be read, belongs to another user than
/// this one or root, or can be written by others.
std::string read_trusted_file(const std::string& path);

}  // namespace weir::cli
