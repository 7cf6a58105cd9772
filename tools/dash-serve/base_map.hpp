// The outline beneath the points of the map.
#pragma once
#include <string>
#include <string_view>

namespace weir::dash_serve {

/// The largest outline in bytes.
inline constexpr std::size_t most_base_map = 8 << 20;

/// GeoJSON (RFC 7946) on one line, for the page. Throws std::invalid_argument when the text is not GeoJSON.
std::string base_map(std::string_view text);

}  // namespace weir::dash_serve
