// The names of a file's columns.
#pragma once
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace weir::csv {

/// The names that a header row gives its columns, each different and none empty: an empty one becomes `column_3` (its
/// number), a second `a` becomes `a_2`.
std::vector<std::string> column_names(std::span<const std::string_view> header);

/// The first name that occurs twice, if any.
std::optional<std::string> named_twice(std::span<const std::string> names);

}  // namespace weir::csv
