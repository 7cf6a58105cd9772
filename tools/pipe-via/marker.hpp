// The record that a long-lived command passes on, by which is known what it has written everything before.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace weir::pipe_via {

/// Appends `{"@via":N}` and a newline.
void append_marker(std::string& out, std::uint64_t number);

/// The number of a line that is a marker, whatever blanks a command has put into it; nothing when it is none.
std::optional<std::uint64_t> marker_in(std::string_view line);

}  // namespace weir::pipe_via
