#include "state/lock_file.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <thread>
#include <utility>

#include "state/descriptor.hpp"
#include "state/files.hpp"

namespace weir::state {

std::optional<LockFile> LockFile::take(const std::string& path, std::chrono::milliseconds limit) {
  using clock = std::chrono::steady_clock;
  Descriptor file(::open(path.c_str(), O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600));
  if (file.get() < 0) fail(path);
  const auto deadline = clock::now() + limit;
  // flock(2) has no time limit, and a signal to end its wait would be the whole process's: so it is tried repeatedly.
  auto pause = std::chrono::milliseconds(1);
  for (;;) {
    if (::flock(file.get(), LOCK_EX | LOCK_NB) == 0) return LockFile(file.release());
    if (errno != EWOULDBLOCK && errno != EINTR) fail("locking " + path);
    if (clock::now() >= deadline) return std::nullopt;
    std::this_thread::sleep_for(pause);
    pause = std::min(pause * 2, std::chrono::milliseconds(50));
  }
}

void LockFile::write(std::string_view text) const {
  ssize_t n = 0;
  do {
    n = ::pwrite(fd_, text.data(), text.size(), 0);
  } while (n < 0 && errno == EINTR);
  if (n != static_cast<ssize_t>(text.size()) || ::ftruncate(fd_, static_cast<off_t>(text.size())) != 0)
    fail("writing a lock file");
}

LockFile::~LockFile() {
  if (fd_ >= 0) ::close(fd_);
}

LockFile::LockFile(LockFile&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}

LockFile& LockFile::operator=(LockFile&& other) noexcept {
  if (this != &other) {
    if (fd_ >= 0) ::close(fd_);
    fd_ = std::exchange(other.fd_, -1);
  }
  return *this;
}

}  // namespace weir::state
