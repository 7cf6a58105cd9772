// The paths that are taken, and the fields in them.
#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace weir::requests {

/// A path such as `/v1/{plantId}/readings`, in which a segment in braces is the value of a field.
class PathPattern {
 public:
  /// Throws std::invalid_argument, naming --path.
  explicit PathPattern(const std::string& text);

  /// The names in braces, in their order.
  const std::vector<std::string>& names() const { return names_; }

  /// The values of names(): views into `path`. Nothing where the path is another one; a slash at its end does not
  /// count.
  std::optional<std::vector<std::string_view>> match(std::string_view path) const;

 private:
  struct Segment {
    std::string text;
    bool is_field;
  };
  std::vector<Segment> segments_;
  std::vector<std::string> names_;
};

}  // namespace weir::requests
