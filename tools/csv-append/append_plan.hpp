// What one epoch adds to a file, and doing it.
#pragma once
#include <atomic>
#include <cstdint>
#include <string>
#include <string_view>

#include "state/attachment.hpp"
#include "state/file_identity.hpp"

namespace weir::csv_append {

/// The bytes that a file gets behind those that it has: a head, then the attachment of a snapshot. To carry it out
/// again, or when it was begun, changes nothing that is right.
struct AppendPlan {
  FileIdentity file;
  std::uint64_t offset = 0;  ///< the file's length before it
  std::string head;          ///< the header row, where the file was empty
  state::AttachmentMark rows;

  bool empty() const { return head.empty() && rows.size == 0; }
  void snapshot(SnapshotWriter& to) const;
  static AppendPlan restored(SnapshotReader& from);

  /// Makes all of it stand in the file `out`, durably; `rows_fd` is the attachment, `path` for messages. Leaves it to
  /// the next run when `stop` becomes true. Throws
  /// state::Unusable when something else stands there, std::system_error.
  void carry_out(int out, int rows_fd, const std::string& path, const std::atomic<bool>& stop) const;
};

/// The length of a regular file. Throws std::runtime_error when it is none, std::system_error.
std::uint64_t size_of_file(int fd, const std::string& path);

}  // namespace weir::csv_append
