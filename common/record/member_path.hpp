// The path of a top-level member.
#pragma once
#include <string>
#include <string_view>

namespace weir {

/// The path of a top-level member of that name: its dots become `\.`, its backslashes `\\`.
inline std::string member_path(std::string_view name) {
  std::string path;
  for (const char c : name) {
    if (c == '.' || c == '\\') path += '\\';
    path += c;
  }
  return path;
}

}  // namespace weir
