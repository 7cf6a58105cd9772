// Arguments that a tool does not know.
#pragma once
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "cli/app.hpp"

namespace weir::cli {

/// The option that was perhaps meant by `--name`; empty when none is near.
std::string nearest_option(const App& app, std::string_view name);

/// The message about arguments that are no option of the tool, in the order in which they were given: those of `given`
/// that are also in `unknown`.
std::string unknown_arguments(const App& app, std::span<char* const> given, std::vector<std::string> unknown);

}  // namespace weir::cli
