#include "cli/trusted_file.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "cli/errors.hpp"

namespace weir::cli {
namespace {

/// An open file, closed at the end of its life.
struct OpenFile {
  explicit OpenFile(const std::string& path) : fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC)) {}
  ~OpenFile() {
    if (fd >= 0) ::close(fd);
  }
  OpenFile(const OpenFile&) = delete;
  OpenFile& operator=(const OpenFile&) = delete;
  int fd;
};

[[noreturn]] void fail(const std::string& path) {
  throw UsageError(fmt::format("cannot read {}: {}", path, std::strerror(errno)));
}

void check_owner(const std::string& path, int fd) {
  struct stat status {};
  if (::fstat(fd, &status) != 0) fail(path);
  if (status.st_uid != 0 && status.st_uid != ::geteuid())
    throw UsageError(fmt::format("{} belongs to another user and is not used", path));
  if (S_ISREG(status.st_mode) && (status.st_mode & (S_IWGRP | S_IWOTH)) != 0)
    throw UsageError(fmt::format("{} can be written by others and is not used: chmod go-w {}", path, path));
}

/// The rest of a file; false, and errno, when it cannot be read.
bool read_all(int fd, std::string& bytes) {
  std::array<char, 4096> block;
  for (;;) {
    const ssize_t n = ::read(fd, block.data(), block.size());
    if (n == 0) return true;
    if (n > 0)
      bytes.append(block.data(), static_cast<std::size_t>(n));
    else if (errno != EINTR)
      return false;
  }
}

}  // namespace

std::string read_trusted_file(const std::string& path) {
  const OpenFile file(path);
  if (file.fd < 0) fail(path);
  check_owner(path, file.fd);
  std::string bytes;
  if (!read_all(file.fd, bytes)) fail(path);
  return bytes;
}

std::string read_option_file(std::string_view option, const std::string& path) {
  const OpenFile file(path);
  std::string bytes;
  if (file.fd < 0 || !read_all(file.fd, bytes))
    throw UsageError(fmt::format("{}: cannot read {}: {}", option, path, std::strerror(errno)));
  return bytes;
}

}  // namespace weir::cli
