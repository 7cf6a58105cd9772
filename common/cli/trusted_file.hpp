// Files that decide what a tool does.
#pragma once
#include <string>
#include <string_view>

namespace weir::cli {

/// The bytes of a file of options or variables. Throws UsageError when it cannot be read, belongs to another user than
/// this one or root, or can be written by others.
std::string read_trusted_file(const std::string& path);

/// The bytes of a file that an option names. Throws UsageError with both when it cannot be read.
std::string read_option_file(std::string_view option, const std::string& path);

}  // namespace weir::cli
