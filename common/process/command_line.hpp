// A command as words, without a shell.
#pragma once
#include <string>
#include <string_view>
#include <vector>

namespace weir::process {

/// The words of a command: blanks separate them; quotes and backslashes group them as in a shell, and nothing else has
/// a meaning. Throws std::invalid_argument where a quote is not closed.
std::vector<std::string> split_command(std::string_view command);

}  // namespace weir::process
