#include "append_plan.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <stdexcept>

#include "state/atomic_file.hpp"
#include "state/epoch_file.hpp"
#include "state/files.hpp"

namespace weir::csv_append {
namespace {

/// The copy goes through memory: copy_file_range(2) took twice the time on ext4, since no file system can share blocks
/// at an end that lies within a block.
constexpr std::size_t copy_block = 1024 * 1024;

using state::fail;

/// Reads as many bytes as there are, up to `size`.
std::size_t read_at(int fd, char* to, std::size_t size, std::uint64_t offset, const std::string& path) {
  std::size_t done = 0;
  while (done < size) {
    const ssize_t n = ::pread(fd, to + done, size - done, static_cast<off_t>(offset + done));
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) fail(path);
    if (n == 0) break;
    done += static_cast<std::size_t>(n);
  }
  return done;
}

void write_at(int fd, std::string_view bytes, std::uint64_t offset, const std::string& path) {
  while (!bytes.empty()) {
    const ssize_t n = ::pwrite(fd, bytes.data(), bytes.size(), static_cast<off_t>(offset));
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) fail(path);
    bytes.remove_prefix(static_cast<std::size_t>(n));
    offset += static_cast<std::uint64_t>(n);
  }
}

/// Writes bytes at an offset, except those that the file has there already.
class Completion {
 public:
  Completion(int out, std::uint64_t offset, const std::string& path)
      : out_(out), path_(path), at_(offset), size_(size_of_file(out, path)), started_(offset) {
    if (size_ < offset) throw state::Unusable(path_ + " is shorter than it was when rows were last appended to it");
  }

  /// Allocates room for so many bytes before the first is written, so that a full disk leaves no torn row.
  void reserve(std::uint64_t bytes) {
    const std::uint64_t from = std::max(size_, at_);
    if (at_ + bytes <= from) return;
    while (::fallocate(out_, FALLOC_FL_KEEP_SIZE, static_cast<off_t>(from), static_cast<off_t>(at_ + bytes - from)) !=
           0) {
      if (errno == ENOSPC || errno == EDQUOT || errno == EFBIG || errno == EIO) fail("writing " + path_);
      if (errno != EINTR) return;  // not supported by the file system
    }
  }

  void add(std::string_view bytes) {
    const auto there = static_cast<std::size_t>(std::min<std::uint64_t>(size_ - std::min(size_, at_), bytes.size()));
    if (there > 0) {
      begun_.resize(there);
      if (read_at(out_, begun_.data(), there, at_, path_) != there || !bytes.starts_with(begun_))
        throw state::Unusable(path_ + " was written to by another program: with --state it is this stage's alone");
    }
    write_at(out_, bytes.substr(there), at_ + there, path_);
    at_ += bytes.size();
    started_ = state::start_writing(out_, started_, at_, path_);
  }

 private:
  int out_;
  const std::string& path_;
  std::uint64_t at_;
  std::uint64_t size_;  ///< before anything was added
  std::uint64_t started_;
  std::string begun_;
};

}  // namespace

std::uint64_t size_of_file(int fd, const std::string& path) {
  struct stat status;
  if (::fstat(fd, &status) != 0) fail(path);
  if (!S_ISREG(status.st_mode))
    throw std::runtime_error(path + " is not a regular file; with --state rows go into one");
  return static_cast<std::uint64_t>(status.st_size);
}

void AppendPlan::carry_out(int out, int rows_fd, const std::string& path, const std::atomic<bool>& stop) const {
  Completion completion(out, offset, path);
  completion.reserve(head.size() + rows.size);
  completion.add(head);
  std::string block(static_cast<std::size_t>(std::min<std::uint64_t>(rows.size, copy_block)), '\0');
  for (std::uint64_t done = 0; done < rows.size;) {
    if (stop) return;
    const auto size = static_cast<std::size_t>(std::min<std::uint64_t>(rows.size - done, block.size()));
    if (read_at(rows_fd, block.data(), size, done, path) != size)
      throw state::Unusable("the rows for " + path + " have become fewer in the state's folder");
    completion.add(std::string_view(block).substr(0, size));
    done += size;
  }
  // A failed sync is not tried again: the kernel may have dropped the pages and would report success.
  if (::fdatasync(out) != 0) fail("syncing " + path);
}

}  // namespace weir::csv_append
