// The fields that a stage reads, named once before the first record.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace weir {

/// The index of a field in a FieldSet, from 0.
enum class FieldId : std::uint32_t {};

/// The fields that a stage reads. Dots in a path lead into nested objects (`location.lat`) and lists (`rx.0.rssi`, from
/// 0); a dot of a name is written `\.`. Other fields are skipped, at almost no cost.
class FieldSet {
 public:
  /// Adds a path, or returns its earlier id. Throws std::invalid_argument on an empty path or segment.
  FieldId add(std::string_view path);

  /// The id of a path that has been added.
  std::optional<FieldId> find(std::string_view path) const;

  /// Keeps every top-level member too, in order (Record::members()).
  void read_members() { members_ = true; }

  bool members() const { return members_; }
  std::size_t size() const { return paths_.size(); }
  const std::string& path(FieldId id) const { return paths_[static_cast<std::size_t>(id)]; }

  /// The segments of a path with `\.` resolved.
  static std::vector<std::string> split(std::string_view path);

  /// The name of the path's field in a new record: the path, with `\.` as a dot.
  static std::string plain_name(std::string_view path);

 private:
  std::vector<std::string> paths_;
  bool members_ = false;
};

}  // namespace weir
