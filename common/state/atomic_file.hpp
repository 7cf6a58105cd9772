// Files that are replaced as a whole, and survive a crash as the old one or the new one.
#pragma once
#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace weir::state {

/// Whether a file must survive the loss of power. One that need not is whole all the same whenever the system lives.
enum class Durable : std::uint8_t { yes, no };

/// Replaces (or makes) the file at `path` with `bytes`, durably: `path.tmp` is written and synced, then renamed, then
/// the folder is synced. Whoever reads sees the old file or the new one, whole. A file that is there keeps its
/// permissions; a new one gets `mode` less the umask. A symbolic link at `path.tmp` is not followed. Two writers of one
/// path must hold a LockFile. Throws std::system_error; the old file is then as it was, unless only the last sync
/// failed.
void write_file(const std::string& path, std::string_view bytes, mode_t mode = 0600, Durable durable = Durable::yes);

/// The bytes of a file, or nothing when there is none. Throws std::system_error when it cannot be read, and
/// std::runtime_error when it is longer than `limit` bytes.
std::optional<std::string> read_file(const std::string& path, std::uint64_t limit = 64 << 20);

}  // namespace weir::state
