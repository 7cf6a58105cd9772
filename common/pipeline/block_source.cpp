#include "pipeline/block_source.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <system_error>

#include "pipeline/wait.hpp"
#include "record/parser.hpp"

namespace weir {
namespace {

constexpr std::size_t range_bytes = LineReader::block;
/// Bytes that are read after a range for the end of its last line, at first and then.
constexpr std::size_t usual_line = 1024;
constexpr std::size_t further = 64 * 1024;

[[noreturn]] void fail() { throw std::system_error(errno, std::generic_category(), "reading the input"); }

/// Reads until `bytes` is full or the file ends; returns the number of bytes.
std::size_t read_at(int fd, char* to, std::size_t size, std::uint64_t offset) {
  std::size_t got = 0;
  while (got < size) {
    const ssize_t n = ::pread(fd, to + got, size - got, static_cast<off_t>(offset + got));
    if (n < 0 && errno != EINTR) fail();
    if (n == 0) break;
    if (n > 0) got += static_cast<std::size_t>(n);
  }
  return got;
}

}  // namespace

BlockSource::BlockSource(int fd, std::size_t max_line) : fd_(fd), max_line_(max_line) {
  struct stat status {};
  if (::fstat(fd, &status) != 0 || !S_ISREG(status.st_mode)) return;
  const off_t begin = ::lseek(fd, 0, SEEK_CUR);
  if (begin < 0 || status.st_size <= begin) return;
  begin_ = next_ = static_cast<std::uint64_t>(begin);
  ranges_end_ = begin_ + static_cast<std::uint64_t>(status.st_size - begin) / range_bytes * range_bytes;
}

std::optional<BlockSource::Range> BlockSource::next_range() {
  if (next_ >= ranges_end_) return std::nullopt;
  const Range range{next_, next_ == begin_};
  next_ += range_bytes;
  return range;
}

std::string_view BlockSource::read_range(const Range& range, std::vector<char>& bytes) const {
  // The byte before a range tells whether a line begins with the range.
  const std::size_t before = range.is_first ? 0 : 1;
  const std::size_t end = before + range_bytes;
  std::size_t wanted = end + usual_line;
  const std::uint64_t offset = range.begin - before;
  bytes.resize(std::max(bytes.size(), wanted + RecordParser::padding));
  std::size_t size = read_at(fd_, bytes.data(), wanted, offset);
  std::size_t begin = 0;
  if (range.is_first) {
    static constexpr std::string_view mark = "\xEF\xBB\xBF";
    if (std::string_view(bytes.data(), size).starts_with(mark)) begin = mark.size();
  } else {
    const void* const newline = size == 0 ? nullptr : std::memchr(bytes.data(), '\n', std::min(size, end - 1));
    if (newline == nullptr) return {};
    begin = static_cast<std::size_t>(static_cast<const char*>(newline) - bytes.data()) + 1;
  }
  for (std::size_t looked = end - 1; size > looked;) {
    const void* const newline = std::memchr(bytes.data() + looked, '\n', size - looked);
    if (newline != nullptr) {
      size = static_cast<std::size_t>(static_cast<const char*>(newline) - bytes.data()) + 1;
      break;
    }
    const std::size_t last = std::string_view(bytes.data(), size).rfind('\n');
    const std::size_t line = last == std::string_view::npos ? begin : std::max(begin, last + 1);
    if (size - line > max_line_) {
      size = line + max_line_ + 1;
      break;
    }
    if (size < wanted) break;  // the file has ended
    looked = size;
    wanted += further;
    bytes.resize(std::max(bytes.size(), wanted + RecordParser::padding));
    size += read_at(fd_, bytes.data() + size, wanted - size, offset + size);
  }
  return {bytes.data() + begin, std::max(size, begin) - begin};
}

LineReader& BlockSource::rest() {
  if (rest_) return *rest_;
  rest_.emplace(fd_, max_line_);
  if (ranges_end_ == begin_) return *rest_;
  // From the byte before on: a line that has begun in the last range is not read again.
  if (::lseek(fd_, static_cast<off_t>(ranges_end_ - 1), SEEK_SET) < 0) fail();
  rest_->begin_within_line();
  return *rest_;
}

BlockSource::After BlockSource::read_next(std::vector<char>& bytes, std::string_view& lines) {
  LineReader& reader = rest();
  const bool ended = reader.fill() == LineReader::Fill::end;
  lines = reader.take_lines(bytes);
  if (ended) return After::end;
  std::array<pollfd, 1> input{{{fd_, POLLIN, 0}}};
  wait_for(input, WaitLimit::zero());
  return input[0].revents == 0 ? After::nothing_now : After::more;
}

}  // namespace weir
