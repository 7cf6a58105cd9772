#include "tailed_file.hpp"

#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "state/files.hpp"

namespace weir::csv_tail {
namespace {

using state::fail;

constexpr std::size_t block = 128 * 1024;
/// The first bytes of a file, by which it is known again besides its identity.
constexpr std::size_t head_size = 1024;

ssize_t read_at(int fd, char* to, std::size_t size, std::uint64_t offset) {
  for (;;) {
    const ssize_t n = ::pread(fd, to, size, static_cast<off_t>(offset));
    if (n >= 0 || errno != EINTR) return n;
  }
}

}  // namespace

TailedFile::TailedFile(int fd, const struct stat& status, const RowSettings& settings, const std::string& name,
                       SourceHost& host, TableMemory& memory)
    : fd_(fd),
      device_(status.st_dev),
      inode_(status.st_ino),
      identity_(FileIdentity::of(fd, name)),
      name_(name),
      settings_(settings),
      host_(host),
      memory_(memory),
      records_(settings, name, host, memory),
      quote_limit_(settings.quote_limit) {
  records_.begin_mark({});
}

TailedFile::~TailedFile() { ::close(fd_); }

/// Whether the file still holds what was read: the last 256 bytes of the rows given out, and all of a row in part.
TailedFile::Memory TailedFile::compare() {
  const std::string_view history = records_.reader().history();
  const std::string_view pending = records_.reader().pending();
  scratch_.resize(history.size() + pending.size());
  const ssize_t n = read_at(fd_, scratch_.data(), scratch_.size(), offset() - history.size());
  if (n < 0) fail(name_);
  const std::string_view now(scratch_.data(), static_cast<std::size_t>(n));
  if (!now.starts_with(history)) return Memory::lost;
  return now.substr(history.size()) == pending ? Memory::holds : Memory::row_taken_back;
}

std::string TailedFile::read_head(std::uint64_t reached) const {
  std::string head(std::min<std::uint64_t>(head_size, reached), '\0');
  const ssize_t n = read_at(fd_, head.data(), head.size(), 0);
  if (n < 0) fail(name_);
  head.resize(static_cast<std::size_t>(n));
  return head;
}

FilePosition TailedFile::position() {
  if (head_.size() < std::min<std::uint64_t>(head_size, offset())) head_ = read_head(offset());
  FilePosition position{.identity = identity_,
                        .head = head_,
                        .replaced = at_end_ && superseded_ != clock::time_point::max(),
                        .records = {},
                        .mark = mark()};
  SnapshotWriter writer(position.records);
  StateArchive archive(writer);
  records_.state(archive);
  return position;
}

bool TailedFile::restore(const FilePosition& position) {
  if (read_head(position.head.size()) != position.head) return false;
  SnapshotReader reader(position.records);
  StateArchive archive(reader);
  records_.state(archive);
  const std::string_view history = records_.reader().history();
  std::string now(history.size(), '\0');
  const ssize_t n = read_at(fd_, now.data(), now.size(), offset() - history.size());
  if (n < 0) fail(name_);
  if (static_cast<std::size_t>(n) != now.size() || now != history) {
    restart();
    return false;
  }
  head_ = position.head;
  records_.begin_mark(position.mark);
  begun_ = offset() > 0;
  return true;
}

std::int64_t TailedFile::modified_ns() const {
  struct stat status;
  if (::fstat(fd_, &status) != 0) fail(name_);
  return status.st_mtim.tv_sec * std::int64_t{1'000'000'000} + status.st_mtim.tv_nsec;
}

bool TailedFile::is_copied_in(int fd) const {
  struct stat ours;
  struct stat theirs;
  if (::fstat(fd_, &ours) != 0 || ::fstat(fd, &theirs) != 0) fail(name_);
  if (theirs.st_size > ours.st_size) return false;
  std::string one(block, '\0');
  std::string other(block, '\0');
  for (std::uint64_t at = 0;;) {
    const ssize_t n = read_at(fd, other.data(), other.size(), at);
    if (n < 0) fail(name_);
    if (n == 0) return true;
    const auto size = static_cast<std::size_t>(n);
    if (read_at(fd_, one.data(), size, at) != n || one.compare(0, size, other, 0, size) != 0) return false;
    at += size;
  }
}

TailedFile::Got TailedFile::restart() {
  head_.clear();
  begun_ = true;
  records_.restart();
  return Got::truncated;
}

/// Gives up a quote that has been open for too long: its line is a reject. True when it did.
bool TailedFile::give_up_quote(Output& out) {
  if (!waits_for_quote()) {
    quote_at_ = no_quote;
    return false;
  }
  if (quote_at_ != offset()) {
    quote_at_ = offset();
    quote_since_ = clock::now();
  }
  if (clock::now() - quote_since_ < quote_limit_) return false;
  records_.give_up_quote();
  records_.take(out);
  return true;
}

/// Passes over the rows of the file before this one where they were written anew under a wider header.
void TailedFile::begin() {
  begun_ = true;
  const auto known = find_in_wider(fd_, name_, settings_, memory_.header, memory_.last);
  if (!known) return;
  records_.skip_to(*known);
  host_.log().info(name_ + " was written anew with more columns: reading goes on after row " +
                   std::to_string(memory_.last.rows));
}

TailedFile::Got TailedFile::read(Output& out) {
  if (!begun_) begin();
  if (records_.more()) {
    records_.take(out);
    return Got::rows;
  }
  if (give_up_quote(out)) return Got::rows;
  struct stat status;
  if (::fstat(fd_, &status) != 0) fail(name_);
  const auto size = static_cast<std::uint64_t>(status.st_size);
  const std::uint64_t reached = offset() + records_.reader().pending().size();
  const bool touched = status.st_mtim.tv_sec != modified_.tv_sec || status.st_mtim.tv_nsec != modified_.tv_nsec;
  modified_ = status.st_mtim;
  if (size > reached) {
    const ssize_t n = read_at(fd_, records_.room(block), block, reached);
    if (n < 0) fail(name_);
    // Compared after the read: a file rewritten between a comparison and a read would go unseen.
    const Memory memory = compare();
    if (memory == Memory::lost) return restart();
    if (memory == Memory::holds && n > 0) {
      records_.added(static_cast<std::size_t>(n));
      records_.take(out);
      if (at_end_) grew_ = clock::now();
      at_end_ = false;
      return Got::rows;
    }
    records_.drop_pending();
    return Got::rows;
  }
  if (size < offset()) return restart();
  if (size < reached || touched) {
    const Memory memory = compare();
    if (memory == Memory::lost) return restart();
    // A writer took back a row that it could not complete, or cut off what a killed one left. No row given out is
    // touched.
    if (memory == Memory::row_taken_back) {
      records_.drop_pending();
      return Got::rows;
    }
  }
  at_end_ = true;
  return Got::nothing;
}

}  // namespace weir::csv_tail
