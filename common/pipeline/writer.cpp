#include "pipeline/writer.hpp"

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <string_view>
#include <system_error>
#include <utility>

#include "cli/errors.hpp"
#include "cli/signals.hpp"

namespace weir {

FileWriter::~FileWriter() {
  if (fd_ >= 0) ::close(fd_);
}

FileWriter::FileWriter(FileWriter&& other) noexcept
    : path_(std::move(other.path_)), fd_(std::exchange(other.fd_, -1)) {}

void FileWriter::open() {
  if (!wanted() || fd_ >= 0) return;
  fd_ = ::open(path_.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
  if (fd_ < 0) throw std::system_error(errno, std::generic_category(), path_);
}

void FileWriter::write(std::string& bytes) {
  if (wanted() && !bytes.empty()) {
    open();
    std::string_view rest = bytes;
    while (!rest.empty()) {
      const ssize_t n = ::write(fd_, rest.data(), rest.size());
      if (n < 0 && errno == EINTR) continue;
      if (n < 0) throw std::system_error(errno, std::generic_category(), path_);
      rest.remove_prefix(static_cast<std::size_t>(n));
    }
  }
  bytes.clear();
}

int StandardOutput::descriptor() { return STDOUT_FILENO; }

StandardOutput::StandardOutput() : block_(256 * 1024) {
#ifdef F_SETPIPE_SZ
  // Fails on anything but a pipe, and past the user's limit; then a block must fit the pipe that is there, 64 KiB by
  // default.
  constexpr int wanted = 1024 * 1024;
  if (::fcntl(STDOUT_FILENO, F_SETPIPE_SZ, wanted) < wanted && ::fcntl(STDOUT_FILENO, F_GETPIPE_SZ) > 0)
    block_ = 64 * 1024;
#endif
}

void StandardOutput::write(std::string& bytes) {
  using clock = std::chrono::steady_clock;
  std::string_view rest = bytes;
  clock::time_point deadline = clock::time_point::max();
  while (!rest.empty()) {
    std::size_t size = rest.size();
    if (cli::stop_requested()) {
      // A write can no longer be interrupted: write only what a poll has promised room for.
      if (deadline == clock::time_point::max()) deadline = clock::now() + std::chrono::seconds(5);
      pollfd room{STDOUT_FILENO, POLLOUT, 0};
      const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(deadline - clock::now()).count();
      const int ready = left > 0 ? ::poll(&room, 1, static_cast<int>(left)) : 0;
      if (ready < 0 && errno == EINTR) continue;
      if (ready == 0)
        throw std::runtime_error("stopping: the reader of standard output does not read; what was left is lost");
      size = std::min<std::size_t>(size, PIPE_BUF);
    }
    const ssize_t n = ::write(STDOUT_FILENO, rest.data(), size);
    if (n < 0) {
      if (errno == EINTR) continue;
      if (errno == EAGAIN) {  // someone made our standard output non-blocking
        pollfd room{STDOUT_FILENO, POLLOUT, 0};
        ::poll(&room, 1, 100);
        continue;
      }
      if (errno == EPIPE) throw cli::OutputClosed();
      throw std::system_error(errno, std::generic_category(), "writing standard output");
    }
    rest.remove_prefix(static_cast<std::size_t>(n));
  }
  bytes.clear();
}

void StandardOutput::close() {
  if (::close(STDOUT_FILENO) != 0 && errno != EBADF)
    throw std::system_error(errno, std::generic_category(), "closing standard output");
}

}  // namespace weir
