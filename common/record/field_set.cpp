#include "record/field_set.hpp"

#include <algorithm>
#include <stdexcept>

namespace weir {

std::vector<std::string> FieldSet::split(std::string_view path) {
  std::vector<std::string> segments(1);
  for (std::size_t i = 0; i < path.size(); ++i) {
    if (path[i] == '\\' && i + 1 < path.size() && (path[i + 1] == '.' || path[i + 1] == '\\')) {
      segments.back() += path[++i];
    } else if (path[i] == '.') {
      segments.emplace_back();
    } else {
      segments.back() += path[i];
    }
  }
  return segments;
}

std::string FieldSet::plain_name(std::string_view path) {
  std::string name;
  for (const std::string& segment : split(path)) {
    if (!name.empty()) name += '.';
    name += segment;
  }
  return name;
}

FieldId FieldSet::add(std::string_view path) {
  const auto segments = split(path);
  if (std::any_of(segments.begin(), segments.end(), [](const std::string& s) { return s.empty(); }))
    throw std::invalid_argument("a field path has an empty part: '" + std::string(path) + "'");
  if (const auto known = find(path)) return *known;
  paths_.emplace_back(path);
  return FieldId{static_cast<std::uint32_t>(paths_.size() - 1)};
}

std::optional<FieldId> FieldSet::find(std::string_view path) const {
  const auto found = std::find(paths_.begin(), paths_.end(), path);
  if (found == paths_.end()) return std::nullopt;
  return FieldId{static_cast<std::uint32_t>(found - paths_.begin())};
}

}  // namespace weir
