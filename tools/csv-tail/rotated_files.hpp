// Files that were at a path and have other names now.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "state/file_identity.hpp"

namespace weir::csv_tail {

/// Opens for reading; never waits for a FIFO's writer. -1 with errno when it cannot.
int open_to_read(const std::string& path);

/// Opens the file with this identity under whatever name it has in the path's folder now; -1 when it is not there.
int open_again(const std::string& path, const FileIdentity& identity);

/// A regular file that may have been at a path. Its name is the path's last part with a number, a date or `old`, `bak`,
/// `prev` after it or before its ending; the ending of a packing program may follow.
struct RotatedFile {
  std::string path;
  FileIdentity identity;
  std::int64_t modified_ns = 0;

  /// When it was made; when it was last written to, where the file system does not know that.
  std::int64_t age_ns() const { return identity.made_ns != 0 ? identity.made_ns : modified_ns; }
  bool compressed() const;
};

/// All of them but the one at the path, the oldest first.
std::vector<RotatedFile> rotated_files(const std::string& path);

}  // namespace weir::csv_tail
