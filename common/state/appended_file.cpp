#include "state/appended_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>

#include "state/files.hpp"

namespace weir::state {

AppendedFile::AppendedFile(std::string path)
    : path_(std::move(path)), file_(::open(path_.c_str(), O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0600)) {
  if (file_.get() < 0) fail(path_);
  struct stat info {};
  if (::fstat(file_.get(), &info) != 0) fail(path_);
  // A pipe or a terminal has no end to look at.
  if (!S_ISREG(info.st_mode)) return;
  sync_folder(folder_of(path_));
  const auto end = static_cast<off_t>(info.st_size);
  std::array<char, 4096> bytes;
  off_t whole = end;
  for (bool found = false; whole > 0 && !found;) {
    const off_t begin = whole > static_cast<off_t>(bytes.size()) ? whole - static_cast<off_t>(bytes.size()) : 0;
    const ssize_t n = ::pread(file_.get(), bytes.data(), static_cast<std::size_t>(whole - begin), begin);
    if (n < 0) fail(path_);
    if (n == 0) break;
    ssize_t at = n;
    while (at > 0 && bytes[static_cast<std::size_t>(at - 1)] != '\n') --at;
    found = at > 0;
    whole = begin + at;
  }
  if (whole < end && ::ftruncate(file_.get(), whole) != 0) fail(path_);
  size_ = static_cast<std::uint64_t>(whole);
}

void AppendedFile::append(std::string_view lines) {
  size_ += lines.size();
  is_synced_ = false;
  while (!lines.empty()) {
    const ssize_t written = ::write(file_.get(), lines.data(), lines.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) fail(path_);
    lines.remove_prefix(static_cast<std::size_t>(written));
  }
}

void AppendedFile::sync() {
  if (is_synced_) return;
  if (::fdatasync(file_.get()) != 0 && errno != EINVAL && errno != EROFS) fail(path_);
  is_synced_ = true;
}

void AppendedFile::clear() {
  if (size_ == 0) return;
  if (::ftruncate(file_.get(), 0) != 0) fail(path_);
  size_ = 0;
}

}  // namespace weir::state
