#include "state/atomic_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <cerrno>
#include <stdexcept>
#include <system_error>

#include "state/descriptor.hpp"

namespace weir::state {
namespace {

[[noreturn]] void fail(const std::string& what) { throw std::system_error(errno, std::generic_category(), what); }

std::string folder_of(const std::string& path) {
  const auto slash = path.rfind('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

void write_all(int fd, std::string_view bytes, const std::string& path) {
  while (!bytes.empty()) {
    const ssize_t n = ::write(fd, bytes.data(), bytes.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) fail("writing " + path);
    bytes.remove_prefix(static_cast<std::size_t>(n));
  }
}

}  // namespace

void write_file(const std::string& path, std::string_view bytes, mode_t mode, Durable durable) {
  const std::string temporary = path + ".tmp";
  try {
    Descriptor file(::open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, mode));
    if (file.get() < 0) fail(temporary);
    struct stat old {};
    if (::stat(path.c_str(), &old) == 0 && ::fchmod(file.get(), old.st_mode & 07777) != 0) fail(temporary);
    write_all(file.get(), bytes, temporary);
    // A sync that fails is not tried again: the kernel may have dropped the pages and report success the second time.
    if (durable == Durable::yes && ::fsync(file.get()) != 0) fail("syncing " + temporary);
    if (::close(file.release()) != 0) fail("closing " + temporary);
    if (::rename(temporary.c_str(), path.c_str()) != 0) fail("renaming to " + path);
  } catch (const std::system_error&) {
    ::unlink(temporary.c_str());
    throw;
  }
  if (durable == Durable::no) return;
  const std::string folder = folder_of(path);
  const Descriptor directory(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (directory.get() < 0) fail(folder);
  if (::fsync(directory.get()) != 0) fail("syncing " + folder);
}

std::optional<std::string> read_file(const std::string& path, std::uint64_t limit) {
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (file.get() < 0) {
    if (errno == ENOENT) return std::nullopt;
    fail(path);
  }
  std::string bytes;
  constexpr std::size_t block = 64 * 1024;
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
