// The names of a file's columns.
#pragma once
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace weir::csv {

/// The names that a header row gives its columns, each different and none empty: an empty one becomes `column_3` (its
/// number), a second `a` becomes `a_2`.
std::vector<std::string> column_names(std::span<const std::string_view> header);

}  // namespace weir::csv
