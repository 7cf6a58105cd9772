// A tool's options in other words: help, man page, completions.
#pragma once
#include <string>
#include <string_view>

#include "cli/app.hpp"

namespace weir::cli {

/// What --help prints: usage, examples, options by group.
std::string help_text(const App& app);

/// What --describe WORD prints: `man-options`, `man-examples`, `man-synopsis` (scdoc), `bash`, `zsh`, `fish`
/// (completions), `examples` (a command a line), `options` (a long name a line). Throws UsageError for another word.
std::string description(const App& app, std::string_view word);

}  // namespace weir::cli
