// Bytes that belong to a snapshot and are too many to stand in it.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>

#include "state/checksum.hpp"
#include "state/descriptor.hpp"
#include "state/snapshot.hpp"

namespace weir::state {

/// What a snapshot says of the file beside it, so that it is known to be whole.
struct AttachmentMark {
  std::uint64_t size = 0;  ///< bytes; 0: there is none
  std::uint32_t checksum = 0;

  void snapshot(SnapshotWriter& to) const;
  static AttachmentMark restored(SnapshotReader& from);
};

/// Where the attachment to the snapshot of an epoch stands in a stage's folder. StageFolder removes it with the
/// snapshot, and when it has none.
std::string attachment_path(const std::string& folder, std::uint64_t epoch);

/// A file that is being written and belongs to a snapshot to come. Its bytes are on their way to the disk as they come,
/// so that little is left to wait for at the end. Unless it is finished, it is gone with this object.
class Attachment {
 public:
  /// Makes the file, or empties what a run that was killed has left. Throws std::system_error, as all of this.
  explicit Attachment(std::string path);
  ~Attachment();
  Attachment(const Attachment&) = delete;
  Attachment& operator=(const Attachment&) = delete;

  void append(std::string_view bytes);
  /// Makes the bytes durable, and the file's name with the snapshot that is written into the same folder next.
  AttachmentMark finish();
  /// Removes the file. Its blocks are freed with this object: that takes time where they are many.
  void remove();
  /// To read from, once it is finished.
  int descriptor() const { return file_.get(); }

 private:
  std::string path_;
  Descriptor file_;
  std::uint64_t size_ = 0;
  std::uint64_t started_ = 0;  ///< bytes whose way to the disk has begun
  Crc32c checksum_;
  bool finished_ = false;
};

/// Opens an attachment to read, having read all of it. Throws Unusable when it is not there or not what the snapshot
/// says, std::system_error.
Descriptor open_attachment(const std::string& path, const AttachmentMark& mark);

}  // namespace weir::state
