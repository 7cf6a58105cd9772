// Lines out of a descriptor, in large blocks.
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
  bool too_long = false;     ///< longer than the limit: text is its beginning, the rest has been or will be skipped
};

/// Cuts what a descriptor gives into lines. Reads 256 KiB at a time, so a line costs no system call; a last line
/// without a newline counts. A UTF-8 byte order mark at the beginning is skipped.
class LineReader {
 public:
  enum class Fill : std::uint8_t { data, end };

  /// Reads from `fd`, which stays the caller's. `max_line` in bytes.
  LineReader(int fd, std::size_t max_line);

  int fd() const { return fd_; }

  /// The next line that is there already; nothing when more has to be read. Valid until the next fill().
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

  /// The bytes of all lines that next() will give before it gives nothing, the last newline excluded; lines that are
  /// too long may be among them.
  std::string_view pending() const;

  /// One read(2), which blocks when there is nothing. Call it when next() gives nothing. Throws std::system_error on an
  /// error (EINTR counts as data of no bytes).
  Fill fill();

  /// Reads all that is left, at any time, and returns the last `size` bytes of the input, as far as they are still in
  /// memory. fill() and next() give everything as if this had not been called. Throws as fill().
  std::string read_to_end(std::size_t size);

  /// Bytes given by fill() so far.
  std::uint64_t bytes() const { return bytes_; }

 private:
  ssize_t read_block(char* to);
  std::optional<Line> next_of_rest(const void* newline);

  int fd_;
  std::size_t max_line_;
  std::vector<char> buffer_;
  std::size_t begin_ = 0;    ///< first byte not given out
  std::size_t end_ = 0;      ///< end of what was read
  std::size_t scanned_ = 0;  ///< up to here there is no newline
  std::uint64_t number_ = 0;
  std::uint64_t bytes_ = 0;
  std::string ahead_;         ///< read by read_to_end()
  std::size_t ahead_at_ = 0;  ///< given by fill() so far
  bool at_end_ = false;
  bool skipping_ = false;  ///< in the rest of a line that was too long
};

}  // namespace weir
