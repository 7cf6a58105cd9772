// Lines from a descriptor, in large blocks.
#pragma once
#include <algorithm>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace weir {

/// A line of input.
struct Line {
  std::string_view text;     ///< without its newline; RecordParser::padding bytes after it are readable
  std::uint64_t number = 0;  ///< from 1
  bool too_long = false;     ///< longer than the limit: text is its beginning, the rest is skipped
};

/// Splits the bytes of a descriptor into lines. Reads 256 KiB at a time, so that a line costs no system call. A last
/// line without a newline counts. A UTF-8 byte order mark at the beginning is skipped.
class LineReader {
 public:
  enum class Fill : std::uint8_t { data, end };

  /// Reads from `fd`, which remains the caller's. `max_line` is in bytes.
  LineReader(int fd, std::size_t max_line);

  int fd() const { return fd_; }

  /// Returns the next line that has been read; nothing when more must be read first. Valid until the next fill().
  std::optional<Line> next() {
    const char* const data = buffer_.data();
    const void* const found = std::memchr(data + scanned_, '\n', end_ - scanned_);
    if (found == nullptr || skipping_) return next_of_rest(found);
    const std::size_t start =
        std::exchange(begin_, static_cast<std::size_t>(static_cast<const char*>(found) - data) + 1);
    scanned_ = begin_;
    const std::size_t length = begin_ - 1 - start;
    return Line{{data + start, std::min(length, max_line_)}, ++number_, length > max_line_};
  }

  /// The bytes from the begin of the next line on that have been read. Empty while a line that is too long is skipped.
  std::string_view ahead() const {
    return skipping_ ? std::string_view() : std::string_view(buffer_.data() + begin_, end_ - begin_);
  }
  /// As next(), where the length of the next line is known, and its newline has been read.
  Line next(std::size_t length) {
    const std::string_view text(buffer_.data() + begin_, length);
    scanned_ = begin_ += length + 1;
    return {text, ++number_, false};
  }
  /// The number of the next line.
  std::uint64_t next_number() const { return number_ + 1; }
  std::size_t max_line() const { return max_line_; }

  /// The bytes of all lines that next() can return now, without the last newline. Lines that are too long may be among
  /// them.
  std::string_view pending() const;

  /// Hands out the bytes of all lines that next() could return now; what follows is read into `spare`, whose bytes the
  /// lines then are. A line that is too long ends after max_line() + 1 bytes. The last line has its newline, unless it
  /// is such a line or the last one of the input. Numbers of lines are the caller's.
  std::string_view take_lines(std::vector<char>& spare);

  /// What is read first is the rest of a line, which is skipped up to its newline.
  void begin_within_line() { skipping_ = true; }

  /// Calls read(2) once, which blocks until bytes arrive. Call it when next() returns nothing. Throws std::system_error
  /// on an error; EINTR counts as no bytes.
  Fill fill();

  /// Reads the rest of the input at any time, and returns its last `size` bytes, as far as they are in memory. Later
  /// calls of fill() and next() are not affected. Throws as fill().
  std::string read_to_end(std::size_t size);

  /// The number of bytes that fill() has read so far.
  std::uint64_t bytes() const { return bytes_; }

  /// The bytes that one fill() reads at most.
  static constexpr std::size_t block = 256 * 1024;

 private:
  ssize_t read_block(char* to);
  std::size_t lines_end() const;
  std::optional<Line> next_of_rest(const void* newline);

  int fd_;
  std::size_t max_line_;
  std::vector<char> buffer_;
  std::size_t begin_ = 0;    ///< first byte not returned yet
  std::size_t end_ = 0;      ///< end of the bytes read
  std::size_t scanned_ = 0;  ///< no newline before this
  std::uint64_t number_ = 0;
  std::uint64_t bytes_ = 0;
  std::string ahead_;         ///< read by read_to_end()
  std::size_t ahead_at_ = 0;  ///< counted by fill()
  bool at_end_ = false;
  bool skipping_ = false;  ///< skipping the rest of a line that was too long
};

}  // namespace weir
