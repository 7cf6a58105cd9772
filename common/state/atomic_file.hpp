// Files that are replaced as a whole, and survive a crash as the old one or the new one.
#pragma once
#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "state/descriptor.hpp"

namespace weir::state {

/// Whether a file must survive a loss of power. Without one it is whole in either case.
enum class Durable : std::uint8_t { yes, no };

/// Replaces or makes a file durably: `path.tmp` is written and synced, then renamed, then the folder is synced. A
/// reader sees the old file or the new one, whole. An existing file keeps its permissions; a new one gets `mode` less
/// the umask. A symbolic link at `path.tmp` is not followed. Writers of one path must hold a LockFile. Without finish()
/// the old file stays. All calls throw std::system_error.
class AtomicFile {
 public:
  explicit AtomicFile(std::string path, mode_t mode = 0600);
  ~AtomicFile();
  AtomicFile(const AtomicFile&) = delete;
  AtomicFile& operator=(const AtomicFile&) = delete;

  void append(std::string_view bytes);
  /// When it throws, the old file is still there, unless only the sync of the folder failed.
  void finish(Durable durable = Durable::yes);

 private:
  std::string path_;
  std::string temporary_;
  Descriptor file_;
  std::uint64_t size_ = 0;
  std::uint64_t started_ = 0;  ///< bytes that the kernel was asked to write
  bool finished_ = false;
};

/// AtomicFile in one call.
void write_file(const std::string& path, std::string_view bytes, mode_t mode = 0600, Durable durable = Durable::yes);

/// Writes all bytes to the descriptor; `path` is for the message. Throws std::system_error.
void write_all(int fd, std::string_view bytes, const std::string& path);

/// Asks the kernel to start writing a file's bytes `from` to `to` to the disk, when they are many; returns how far it
/// was asked. The sync comes later in any case. `path` is for messages. Throws std::system_error when the disk is full
/// or fails.
std::uint64_t start_writing(int fd, std::uint64_t from, std::uint64_t to, const std::string& path);

/// The bytes of a file; nothing when it is not there. Throws std::system_error when it cannot be read, and
/// std::runtime_error when it is longer than `limit` bytes.
std::optional<std::string> read_file(const std::string& path, std::uint64_t limit = 64 << 20);

}  // namespace weir::state
