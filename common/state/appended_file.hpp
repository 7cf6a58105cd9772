// A file of lines that is only appended to.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>

#include "state/descriptor.hpp"

namespace weir::state {

/// A file of lines that only grows. The constructor removes the last line when it has no end: a kill has cut it.
class AppendedFile {
 public:
  /// Creates a missing file with mode 0600. A pipe or a terminal is written to as it is. Throws std::system_error.
  explicit AppendedFile(std::string path);
  /// Appends; nothing is durable before sync(). Throws std::system_error.
  void append(std::string_view lines);
  /// Returns when what was appended is on the disk. Throws std::system_error.
  void sync();
  /// Removes all lines.
  void clear();
  bool empty() const { return size_ == 0; }

 private:
  std::string path_;
  Descriptor file_;
  std::uint64_t size_ = 0;
  bool is_synced_ = true;
};

}  // namespace weir::state
