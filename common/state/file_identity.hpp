// Which file a file is, from one run to the next.
#pragma once
#include <cstdint>
#include <string>

#include "state/snapshot.hpp"

namespace weir {

/// An inode's number is given to another file as soon as it is free (on ext4 at once), so beside it stand the handle
/// that the file system gives (name_to_handle_at(2), which has a generation number in it) and the time at which the
/// file was made. Device numbers change from boot to boot and are left out.
struct FileIdentity {
  std::uint64_t inode = 0;
  std::string handle;        ///< empty where the file system has none
  std::int64_t made_ns = 0;  ///< since 1970; 0 where the file system does not know

  /// Of an open file. Throws std::system_error.
  static FileIdentity of(int fd, const std::string& name);

  void snapshot(SnapshotWriter& to) const;
  static FileIdentity restored(SnapshotReader& from);

  friend bool operator==(const FileIdentity&, const FileIdentity&) = default;
};

}  // namespace weir
