#include "state/attachment.hpp"

#include <fcntl.h>
#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "state/atomic_file.hpp"
#include "state/epoch_file.hpp"
#include "state/files.hpp"

namespace weir::state {
namespace {

constexpr std::size_t read_block = 256 * 1024;

}  // namespace

std::string attachment_path(const std::string& folder, std::uint64_t epoch) {
  return folder + "/rows-" + std::to_string(epoch);
}

Attachment::Attachment(std::string path)
    : path_(std::move(path)), file_(::open(path_.c_str(), O_RDWR | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600)) {
  if (file_.get() < 0) fail(path_);
}

Attachment::~Attachment() {
  if (!finished_) ::unlink(path_.c_str());
}

void Attachment::append(std::string_view bytes) {
  checksum_.add(bytes);
  write_all(file_.get(), bytes, path_);
  size_ += bytes.size();
  started_ = start_writing(file_.get(), started_, size_, path_);
}

AttachmentMark Attachment::finish() {
  // A snapshot may stand on the disk when making it has failed at its last step: from here on the file stays.
  finished_ = true;
  // A sync that fails is not tried again: the kernel may have dropped the pages and report success the second time.
  if (::fdatasync(file_.get()) != 0) fail("syncing " + path_);
  return {.size = size_, .checksum = checksum_.value()};
}

void Attachment::move_to(std::string path) {
  if (::rename(path_.c_str(), path.c_str()) != 0) fail(path);
  path_ = std::move(path);
}

void Attachment::remove() {
  if (::unlink(path_.c_str()) != 0 && errno != ENOENT) fail(path_);
}

Descriptor open_attachment(const std::string& path, const AttachmentMark& mark) {
  Descriptor file(::open(path.c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC));
  if (file.get() < 0) {
    if (errno != ENOENT) fail(path);
    throw Unusable(path + " is not there, and the snapshot beside it needs it: part of the state folder is lost");
  }
  Crc32c checksum;
  std::string block(read_block, '\0');
  for (std::uint64_t size = 0;;) {
    const ssize_t n = ::pread(file.get(), block.data(), block.size(), static_cast<off_t>(size));
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) fail(path);
    if (n == 0 && size != mark.size)
      throw Unusable(fmt::format("{} is damaged: {} bytes where there were {}", path, size, mark.size));
    if (n == 0) break;
    size += static_cast<std::uint64_t>(n);
    checksum.add(std::string_view(block).substr(0, static_cast<std::size_t>(n)));
  }
  if (checksum.value() != mark.checksum) throw Unusable(path + " is damaged: its checksum does not match");
  return file;
}

}  // namespace weir::state
