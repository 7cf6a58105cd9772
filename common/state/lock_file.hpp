// One owner at a time, among processes of one machine.
#pragma once
#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace weir::state {

/// Holds an exclusive flock(2) on a file until it is destroyed or the process ends in any way. The file is made when it
/// is not there and never removed: a lock on a removed file keeps nobody out. For a file that write_file() replaces,
/// lock `name.lock` beside it.
class LockFile {
 public:
  /// Takes the lock; nothing when another process holds it for longer than `limit`. Throws std::system_error when
  /// the file cannot be opened or locked (a symbolic link is not followed).
  static std::optional<LockFile> take(const std::string& path,
                                      std::chrono::milliseconds limit = std::chrono::milliseconds(0));

  /// Replaces the file's text, which processes that do not get the lock can read; not durable. Throws
  /// std::system_error.
  void write(std::string_view text) const;

  ~LockFile();
  LockFile(LockFile&& other) noexcept;
  LockFile& operator=(LockFile&& other) noexcept;

 private:
  explicit LockFile(int fd) : fd_(fd) {}
  int fd_ = -1;
};

}  // namespace weir::state
