// Which file a file is, from one run to the next.
#pragma once
#include <cstdint>
#include <string>

#include "state/archive.hpp"

namespace weir {

/// Inode, the file system's handle (name_to_handle_at(2), with a generation number in it) and the time at which the
/// file was made. The inode alone would not do: ext4 gives its number to the next file at once. Device numbers are left
/// out, because they change from boot to boot.
struct FileIdentity {
  std::uint64_t inode = 0;
  std::string handle;        ///< empty where the file system has none
  std::int64_t made_ns = 0;  ///< since 1970; 0 where the file system does not know

  /// Of an open file. Throws std::system_error.
  static FileIdentity of(int fd, const std::string& name);

  void state(StateArchive& archive) { archive.values(inode, handle, made_ns); }

  friend bool operator==(const FileIdentity&, const FileIdentity&) = default;
};

}  // namespace weir
