// The fields that a stage reads, named once, before the first record.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace weir {

/// Which of a FieldSet's fields; an index from 0.
enum class FieldId : std::uint32_t {};

/// The fields that a stage reads. A path goes into nested objects by dots (`location.lat`); a dot that is part of a
/// name is written `\.`. Fields that are not named here cost next to nothing and are not looked at.
class FieldSet {
 public:
  /// Adds a path, or finds it again. Throws std::invalid_argument on an empty path or segment.
  FieldId add(std::string_view path);

  /// Also keep every top-level member, in order (Record::members()).
  void read_members() { members_ = true; }

  bool members() const { return members_; }
  std::size_t size() const { return paths_.size(); }
  const std::string& path(FieldId id) const { return paths_[static_cast<std::size_t>(id)]; }

  /// The segments of a path with `\.` resolved.
  static std::vector<std::string> split(std::string_view path);

  /// The name that the field of a path has in a new record: the path, with `\.` as a dot.
  static std::string plain_name(std::string_view path);

 private:
  std::vector<std::string> paths_;
  bool members_ = false;
};

}  // namespace weir
