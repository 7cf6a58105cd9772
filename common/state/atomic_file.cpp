#include "state/atomic_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <stdexcept>
#include <system_error>
#include <utility>

#include "state/files.hpp"

namespace weir::state {
namespace {

/// Disks are fastest with some MiB at once.
constexpr std::uint64_t write_block = 8 << 20;

}  // namespace

std::uint64_t start_writing(int fd, std::uint64_t from, std::uint64_t to, const std::string& path) {
  if (to - from < write_block) return from;
  if (::sync_file_range(fd, static_cast<off_t>(from), static_cast<off_t>(to - from), SYNC_FILE_RANGE_WRITE) != 0 &&
      (errno == EIO || errno == ENOSPC || errno == EDQUOT))
    fail("writing " + path);
  return to;
}

void write_all(int fd, std::string_view bytes, const std::string& path) {
  while (!bytes.empty()) {
    const ssize_t n = ::write(fd, bytes.data(), bytes.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) fail("writing " + path);
    bytes.remove_prefix(static_cast<std::size_t>(n));
  }
}

AtomicFile::AtomicFile(std::string path, mode_t mode)
    : path_(std::move(path)),
      temporary_(path_ + ".tmp"),
      file_(::open(temporary_.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, mode)) {
  if (file_.get() < 0) fail(temporary_);
  struct stat old {};
  if (::stat(path_.c_str(), &old) == 0 && ::fchmod(file_.get(), old.st_mode & 07777) != 0) {
    const int error = errno;
    ::unlink(temporary_.c_str());
    throw std::system_error(error, std::generic_category(), temporary_);
  }
}

AtomicFile::~AtomicFile() {
  if (!finished_) ::unlink(temporary_.c_str());
}

void AtomicFile::append(std::string_view bytes) {
  write_all(file_.get(), bytes, temporary_);
  size_ += bytes.size();
  started_ = start_writing(file_.get(), started_, size_, temporary_);
}

void AtomicFile::finish(Durable durable) {
  // A sync that fails is not tried again: the kernel may have dropped the pages and report success the second time.
  if (durable == Durable::yes && ::fsync(file_.get()) != 0) fail("syncing " + temporary_);
  if (::close(file_.release()) != 0) fail("closing " + temporary_);
  if (::rename(temporary_.c_str(), path_.c_str()) != 0) fail("renaming to " + path_);
  finished_ = true;
  if (durable == Durable::no) return;
  sync_folder(folder_of(path_));
}

void write_file(const std::string& path, std::string_view bytes, mode_t mode, Durable durable) {
  AtomicFile file(path, mode);
  file.append(bytes);
  file.finish(durable);
}

std::optional<std::string> read_file(const std::string& path, std::uint64_t limit) {
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (file.get() < 0) {
    if (errno == ENOENT) return std::nullopt;
    fail(path);
  }
  struct stat status {};
  if (::fstat(file.get(), &status) != 0) fail(path);
  // One byte more than there is, so that the end is seen at once. Files that are read often are short.
  const auto size = static_cast<std::uint64_t>(std::max<off_t>(status.st_size, 0));
  const auto block = static_cast<std::size_t>(std::clamp<std::uint64_t>(size + 1, 256, 64 * 1024));
  std::string bytes;
  bytes.reserve(static_cast<std::size_t>(std::min(size, limit)) + block);
  for (;;) {
    const std::size_t length = bytes.size();
    bytes.resize(length + block);
    const ssize_t n = ::read(file.get(), bytes.data() + length, block);
    bytes.resize(length + static_cast<std::size_t>(n > 0 ? n : 0));
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) fail(path);
    if (n == 0) return bytes;
    if (bytes.size() > limit) throw std::runtime_error(path + " is longer than " + std::to_string(limit) + " bytes");
  }
}

}  // namespace weir::state
