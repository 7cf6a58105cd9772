#include "generation.hpp"

#include <unistd.h>

#include <array>
#include <cerrno>
#include <system_error>

namespace weir {
namespace {

constexpr std::size_t block = 128 * 1024;

[[noreturn]] void fail(const std::string& name) { throw std::system_error(errno, std::generic_category(), name); }

ssize_t read_at(int fd, char* to, std::size_t size, std::uint64_t offset) {
  for (;;) {
    const ssize_t n = ::pread(fd, to, size, static_cast<off_t>(offset));
    if (n >= 0 || errno != EINTR) return n;
  }
}

}  // namespace

Generation::Generation(int fd, const struct stat& status, const RowSettings& settings, const std::string& name,
                       RejectLog& rejects)
    : fd_(fd), device_(status.st_dev), inode_(status.st_ino), name_(name), records_(settings, name, rejects) {}

Generation::~Generation() { ::close(fd_); }

/// What stands before the place reached is still what was read there.
bool Generation::history_matches() const {
  const std::string_view history = records_.reader().history();
  std::array<char, 256> now;
  const ssize_t n = read_at(fd_, now.data(), history.size(), offset() - history.size());
  if (n < 0) fail(name_);
  return std::string_view(now.data(), static_cast<std::size_t>(n)) == history;
}

Generation::Got Generation::restart() {
  records_.restart();
  return Got::truncated;
}

Generation::Got Generation::read(Output& out) {
  struct stat status;
  if (::fstat(fd_, &status) != 0) fail(name_);
  const auto size = static_cast<std::uint64_t>(status.st_size);
  const std::uint64_t reached = offset() + records_.reader().pending().size();
  const bool touched = status.st_mtim.tv_sec != modified_.tv_sec || status.st_mtim.tv_nsec != modified_.tv_nsec;
  modified_ = status.st_mtim;
  if (size < reached) {
    // Only the row that was still being written has gone again (a writer took back what it could not complete): no row
    // that was given out is touched. Anything more is a new beginning.
    if (size < offset() || !history_matches()) return restart();
    records_.drop_pending();
    return Got::nothing;
  }
  if (size == reached) {
    if (touched && !history_matches()) return restart();
    at_end_ = true;
    return Got::nothing;
  }
  const ssize_t n = read_at(fd_, records_.room(block), block, reached);
  if (n < 0) fail(name_);
  // Looked at behind the read: a file that is rewritten between a look and a read would go unseen.
  if (!history_matches()) return restart();
  if (n == 0) return Got::nothing;
  records_.added(static_cast<std::size_t>(n));
  records_.take(out);
  if (at_end_) grew_ = clock::now();
  at_end_ = false;
  return Got::rows;
}

}  // namespace weir
