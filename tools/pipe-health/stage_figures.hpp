// The figures of a pipeline's stages, from the files that they write with --metrics.
#pragma once
#include <string>
#include <vector>

namespace weir::pipe_health {

/// Pages in the text format as one: the samples of a name stand together after its help and type. A line that is none
/// of these is left out.
std::string merged(const std::vector<std::string>& pages);

/// All files NAME.prom of a folder, merged; those that cannot be read are left out.
std::string figures_in(const std::string& folder);

}  // namespace weir::pipe_health
