// One owner at a time, among processes of one machine.
#pragma once
#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace weir::state {

/// Holds an exclusive flock(2) on a file until it is destroyed or the process ends, however it ends. The file is made
/// when it is not there and is never removed: a lock on a removed file locks nobody out. Lock `name.lock` beside a file
/// that is replaced by write_file(), not the file itself.
class LockFile {
 public:
  /// Takes the lock; nothing when another holder keeps it for longer than `patience`. Throws std::system_error when the
  /// file cannot be opened or locked (a symbolic link is not followed).
  static std::optional<LockFile> take(const std::string& path,
                                      std::chrono::milliseconds patience = std::chrono::milliseconds(0));

  /// Replaces what the file holds, for others to read who do not get the lock; not durable. Throws std::system_error.
  void write(std::string_view text) const;

  ~LockFile();
  LockFile(LockFile&& other) noexcept;
  LockFile& operator=(LockFile&& other) noexcept;

 private:
  explicit LockFile(int fd) : fd_(fd) {}
  int fd_ = -1;
};

}  // namespace weir::state
