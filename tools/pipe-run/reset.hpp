// Starting a pipeline over.
#pragma once
#include <string>

namespace weir::pipe_run {

/// Puts an empty state folder in the place of a pipeline's, in one step, and keeps the old one beside it. The new one
/// has a number, by which the pipeline gets another name for its sink, which would otherwise know its last epoch.
/// Returns the old one's path. Throws cli::UsageError where the folder is no pipeline's, std::runtime_error where the
/// pipeline runs, std::system_error.
std::string reset_state(std::string folder);

}  // namespace weir::pipe_run
