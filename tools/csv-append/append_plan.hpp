// The bytes that one epoch appends to a file.
#pragma once
#include <atomic>
#include <cstdint>
#include <string>
#include <string_view>

#include "state/attachment.hpp"
#include "state/file_identity.hpp"

namespace weir::csv_append {

/// Appends a head and the attachment of a snapshot at a fixed offset. It may be carried out again, and go on from where
/// an earlier run stopped.
struct AppendPlan {
  FileIdentity file;
  std::uint64_t offset = 0;  ///< the file's length before the epoch
  std::string head;          ///< the header row, where the file was empty
  state::AttachmentMark rows;
  FileIdentity narrow{};  ///< the file whose place `file` takes first, since it has more columns; inode 0: none

  bool empty() const { return head.empty() && rows.size == 0; }
  void state(StateArchive& archive) { archive.values(file, offset, head, rows, narrow); }

  /// Writes to the file `out` what is not there yet, durably; `rows_fd` is the attachment, `path` is for messages.
  /// Returns early when `stop` becomes true. Throws state::Unusable when the file has other bytes there, and
  /// std::system_error.
  void carry_out(int out, int rows_fd, const std::string& path, const std::atomic<bool>& stop) const;
};

/// The length of a file. Throws std::runtime_error when it is not a regular one, std::system_error.
std::uint64_t size_of_file(int fd, const std::string& path);

}  // namespace weir::csv_append
