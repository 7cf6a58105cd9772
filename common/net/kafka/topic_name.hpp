// The names that a topic may have.
#pragma once
#include <algorithm>
#include <cstddef>
#include <string_view>

namespace weir::kafka {

/// Kafka's rule: letters, digits, dot, underscore and hyphen, 1 to 249 of them; not `.` or `..`.
inline bool is_topic_name(std::string_view text) {
  constexpr std::size_t longest = 249;
  if (text.empty() || text.size() > longest || text == "." || text == "..") return false;
  return std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '_' ||
           c == '-';
  });
}

}  // namespace weir::kafka
