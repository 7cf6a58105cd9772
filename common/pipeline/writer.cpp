#include "pipeline/writer.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
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

SideFile::~SideFile() {
  if (fd_ >= 0) ::close(fd_);
}

SideFile::SideFile(SideFile&& other) noexcept
    : path_(std::move(other.path_)),
      fd_(std::exchange(other.fd_, -1)),
      epochs_(other.epochs_),
      offset_(other.offset_),
      current_(std::move(other.current_)),
      waiting_(std::move(other.waiting_)) {}

void SideFile::open() {
  if (!wanted() || fd_ >= 0) return;
  fd_ = ::open(path_.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC | (epochs_ ? 0 : O_APPEND), 0666);
  if (fd_ < 0) throw std::system_error(errno, std::generic_category(), path_);
}

void SideFile::write(std::string& bytes) {
  if (wanted() && !bytes.empty()) {
    if (epochs_) {
      current_ += bytes;
    } else {
      open();
      write_at(bytes, 0);
    }
  }
  bytes.clear();
}

/// To a file opened for appending the offset means nothing.
void SideFile::write_at(std::string_view bytes, std::uint64_t offset) {
  while (!bytes.empty()) {
    const ssize_t n = epochs_ ? ::pwrite(fd_, bytes.data(), bytes.size(), static_cast<off_t>(offset))
                              : ::write(fd_, bytes.data(), bytes.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) throw std::system_error(errno, std::generic_category(), path_);
    bytes.remove_prefix(static_cast<std::size_t>(n));
    offset += static_cast<std::uint64_t>(n);
  }
}

void SideFile::keep_epochs(const std::string& path) {
  if (!wanted()) path_ = path;
  if (fd_ >= 0) ::close(std::exchange(fd_, -1));
  epochs_ = true;
  open();
  struct stat status;
  if (::fstat(fd_, &status) != 0) throw std::system_error(errno, std::generic_category(), path_);
  offset_ = static_cast<std::uint64_t>(status.st_size);
}

void SideFile::snapshot(SnapshotWriter& to, std::uint64_t epoch) {
  to.number(offset_);
  to.text(current_);
  const std::size_t size = current_.size();
  if (size > 0) waiting_.push_back({epoch, offset_, std::exchange(current_, {})});
  offset_ += size;
}

void SideFile::amend(SnapshotWriter& to, std::uint64_t epoch, std::string_view bytes) {
  if (waiting_.empty() || waiting_.back().epoch != epoch) waiting_.push_back({epoch, offset_, {}});
  Waiting& last = waiting_.back();
  last.bytes.resize(last.own);
  last.bytes += bytes;
  offset_ = last.offset + last.bytes.size();
  to.number(last.offset);
  to.text(last.bytes);
}

void SideFile::restore(SnapshotReader& from, std::uint64_t epoch) {
  offset_ = from.number<std::uint64_t>();
  const std::string_view bytes = from.text();
  if (!bytes.empty() && wanted()) waiting_.push_back({epoch, offset_, std::string(bytes)});
  offset_ += bytes.size();
}

void SideFile::publish(std::uint64_t committed) {
  if (waiting_.empty() || waiting_.front().epoch > committed) return;
  struct stat status;
  if (::fstat(fd_, &status) != 0) throw std::system_error(errno, std::generic_category(), path_);
  // Someone has emptied the file: what comes stands at its new beginning, not behind a hole.
  if (const auto size = static_cast<std::uint64_t>(status.st_size); size < waiting_.front().offset) {
    const std::uint64_t cut = waiting_.front().offset - size;
    for (Waiting& each : waiting_) each.offset -= cut;
    offset_ -= cut;
  }
  while (!waiting_.empty() && waiting_.front().epoch <= committed) {
    write_at(waiting_.front().bytes, waiting_.front().offset);
    waiting_.pop_front();
  }
  if (::fdatasync(fd_) != 0) throw std::system_error(errno, std::generic_category(), "syncing " + path_);
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
