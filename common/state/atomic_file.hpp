// Files that are replaced as a whole, and survive a crash as the old one or the new one.
#pragma once
#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "state/descriptor.hpp"

namespace weir::state {

/// Whether a file must survive the loss of power. One that need not is whole all the same whenever the system lives.
enum class Durable : std::uint8_t { yes, no };

/// Replaces (or makes) a file, piece by piece and durably: `path.tmp` is written and synced, then renamed, then the
/// folder is synced. Whoever reads sees the old file or the new one, whole. A file that is there keeps its permissions;
/// a new one gets `mode` less the umask. A symbolic link at `path.tmp` is not followed. Two writers of one path must
/// hold a LockFile. Unless it is finished, the old file is as it was. All throws std::system_error.
class AtomicFile {
 public:
  explicit AtomicFile(std::string path, mode_t mode = 0600);
  ~AtomicFile();
  AtomicFile(const AtomicFile&) = delete;
  AtomicFile& operator=(const AtomicFile&) = delete;

  void append(std::string_view bytes);
  /// When it throws, the old file is there still, unless only the sync of the folder failed.
  void finish(Durable durable = Durable::yes);

 private:
  std::string path_;
  std::string temporary_;
  Descriptor file_;
  std::uint64_t size_ = 0;
  std::uint64_t started_ = 0;  ///< bytes whose way to the disk has begun
  bool finished_ = false;
};

/// AtomicFile of bytes that are at hand.
void write_file(const std::string& path, std::string_view bytes, mode_t mode = 0600, Durable durable = Durable::yes);

/// Writes all of the bytes at the descriptor's place; `path` is for the message. Throws std::system_error.
void write_all(int fd, std::string_view bytes, const std::string& path);

/// Asks the kernel to begin writing what a file has from `from` to `to`, when that is worth it, and returns how far it
/// has been asked. A file system that cannot is left alone: syncing comes later in any case. `path` is for messages.
/// Throws std::system_error when the disk is full or fails.
std::uint64_t start_writing(int fd, std::uint64_t from, std::uint64_t to, const std::string& path);

/// The bytes of a file, or nothing when there is none. Throws std::system_error when it cannot be read, and
/// std::runtime_error when it is longer than `limit` bytes.
std::optional<std::string> read_file(const std::string& path, std::uint64_t limit = 64 << 20);

}  // namespace weir::state
