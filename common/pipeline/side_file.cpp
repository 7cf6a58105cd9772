#include "pipeline/side_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <string_view>
#include <system_error>
#include <utility>

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

/// Writes at the offset with checkpoints; else the file is opened for appending and the offset has no meaning.
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
  // A file that someone has emptied is written from its new end, not after a hole.
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

}  // namespace weir
