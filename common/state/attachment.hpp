// Bytes that belong to a snapshot and are too many to be in it.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>

#include "state/archive.hpp"
#include "state/checksum.hpp"
#include "state/descriptor.hpp"

namespace weir::state {

/// Size and checksum in a snapshot of the file beside it, which tell whether that is whole.
struct AttachmentMark {
  std::uint64_t size = 0;  ///< bytes; 0: there is none
  std::uint32_t checksum = 0;

  void state(StateArchive& archive) { archive.values(size, checksum); }
};

/// The path of the attachment to the snapshot of an epoch. StageFolder removes it with the snapshot, and when there is
/// none.
std::string attachment_path(const std::string& folder, std::uint64_t epoch);

/// A file that is written for a later snapshot. Its bytes go to the disk as they come, so that little is left to wait
/// for at the end. Without finish() it is removed with this object.
class Attachment {
 public:
  /// Makes the file, or empties one that a killed run has left. All calls throw std::system_error.
  explicit Attachment(std::string path);
  ~Attachment();
  Attachment(const Attachment&) = delete;
  Attachment& operator=(const Attachment&) = delete;

  void append(std::string_view bytes);
  /// Makes the bytes durable, and the file's name with the snapshot that is written into the same folder next.
  AttachmentMark finish();
  /// Removes the file. Its blocks are freed with this object, which takes time when they are many.
  void remove();
  /// Gives the file, which is not finished, another name.
  void move_to(std::string path);
  /// To read from.
  int descriptor() const { return file_.get(); }

 private:
  std::string path_;
  Descriptor file_;
  std::uint64_t size_ = 0;
  std::uint64_t started_ = 0;  ///< bytes that the kernel was asked to write
  Crc32c checksum_;
  bool finished_ = false;
};

/// Opens an attachment to read, after its checksum has been verified. Throws Unusable when it is not there or does not
/// match, std::system_error.
Descriptor open_attachment(const std::string& path, const AttachmentMark& mark);

}  // namespace weir::state
