// Whether a file is still the one that was read.
#pragma once
#include <sys/stat.h>

#include <cstdint>
#include <optional>
#include <string>

namespace weir::state {

/// Tells a file that was changed or replaced.
struct FileMark {
  std::uint64_t inode = 0, size = 0;
  std::int64_t changed_ns = 0;
  bool operator==(const FileMark&) const = default;

  static FileMark of(const struct stat& status) {
    return {status.st_ino, static_cast<std::uint64_t>(status.st_size),
            std::int64_t{status.st_mtim.tv_sec} * 1'000'000'000 + status.st_mtim.tv_nsec};
  }
  /// Nothing where there is no file of that name.
  static std::optional<FileMark> of(const std::string& path) {
    struct stat status {};
    return ::stat(path.c_str(), &status) == 0 ? std::optional(of(status)) : std::nullopt;
  }
};

}  // namespace weir::state
