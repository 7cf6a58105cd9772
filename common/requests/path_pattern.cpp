#include "requests/path_pattern.hpp"

#include <stdexcept>

namespace weir::requests {
namespace {

/// The segments of a path without the slash at its beginning and the one at its end.
std::vector<std::string_view> split(std::string_view path) {
  std::vector<std::string_view> segments;
  if (path.starts_with('/')) path.remove_prefix(1);
  if (path.ends_with('/')) path.remove_suffix(1);
  while (!path.empty()) {
    const auto slash = path.find('/');
    segments.push_back(path.substr(0, slash));
    if (slash == std::string_view::npos) break;
    path.remove_prefix(slash + 1);
  }
  return segments;
}

}  // namespace

PathPattern::PathPattern(const std::string& text) {
  const auto fail = [&](const char* why) { throw std::invalid_argument("--path '" + text + "': " + why); };
  if (!text.starts_with('/')) fail("a path begins with a slash, as in /v1/{plantId}/readings");
  for (const std::string_view segment : split(text)) {
    const bool is_field = segment.size() > 2 && segment.front() == '{' && segment.back() == '}';
    if (segment.find_first_of("?#") != std::string_view::npos) fail("a path has no ? and no #");
    if (segment.substr(is_field, segment.size() - 2 * is_field).find_first_of("{}") != std::string_view::npos)
      fail("a field in braces is a whole segment, as in /v1/{plantId}/readings");
    segments_.push_back({std::string(is_field ? segment.substr(1, segment.size() - 2) : segment), is_field});
    if (is_field) names_.push_back(segments_.back().text);
  }
}

std::optional<std::vector<std::string_view>> PathPattern::match(std::string_view path) const {
  const std::vector<std::string_view> given = split(path);
  if (given.size() != segments_.size()) return std::nullopt;
  std::vector<std::string_view> values;
  for (std::size_t i = 0; i < given.size(); ++i) {
    if (segments_[i].is_field) {
      if (given[i].empty()) return std::nullopt;
      values.push_back(given[i]);
    } else if (segments_[i].text != given[i]) {
      return std::nullopt;
    }
  }
  return values;
}

}  // namespace weir::requests
