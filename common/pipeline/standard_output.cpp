#include "pipeline/standard_output.hpp"

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <climits>
#include <stdexcept>
#include <string_view>
#include <system_error>

#include "cli/errors.hpp"
#include "cli/signals.hpp"

namespace weir {

StandardOutput::StandardOutput(int fd) : fd_(fd), block_(256 * 1024) {
#ifdef F_SETPIPE_SZ
  // This fails on anything but a pipe and beyond the user's limit. A block then has to fit the pipe, 64 KiB by default.
  constexpr int wanted = 1024 * 1024;
  if (::fcntl(fd_, F_SETPIPE_SZ, wanted) < wanted && ::fcntl(fd_, F_GETPIPE_SZ) > 0) block_ = 64 * 1024;
#endif
}

void StandardOutput::write(std::string_view bytes) {
  using clock = std::chrono::steady_clock;
  clock::time_point deadline = clock::time_point::max();
  while (!bytes.empty()) {
    std::size_t size = bytes.size();
    if (cli::stop_requested()) {
      // A blocking write is no longer interrupted: write only what poll(2) has promised room for.
      if (deadline == clock::time_point::max()) deadline = clock::now() + std::chrono::seconds(5);
      pollfd room{fd_, POLLOUT, 0};
      const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(deadline - clock::now()).count();
      const int ready = left > 0 ? ::poll(&room, 1, static_cast<int>(left)) : 0;
      if (ready < 0 && errno == EINTR) continue;
      if (ready == 0)
        throw std::runtime_error("stopping: the reader of standard output does not read; the rest is lost");
      size = std::min<std::size_t>(size, PIPE_BUF);
    }
    const ssize_t n = ::write(fd_, bytes.data(), size);
    if (n < 0) {
      if (errno == EINTR) continue;
      if (errno == EAGAIN) {  // someone made our standard output non-blocking
        pollfd room{fd_, POLLOUT, 0};
        ::poll(&room, 1, 100);
        continue;
      }
      if (errno == EPIPE) throw cli::OutputClosed();
      throw std::system_error(errno, std::generic_category(), "writing standard output");
    }
    bytes.remove_prefix(static_cast<std::size_t>(n));
  }
}

void StandardOutput::close() {
  if (::close(fd_) != 0 && errno != EBADF)
    throw std::system_error(errno, std::generic_category(), "closing standard output");
}

}  // namespace weir
