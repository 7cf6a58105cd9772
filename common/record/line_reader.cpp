#include "record/line_reader.hpp"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <system_error>

#include "record/parser.hpp"

namespace weir {

LineReader::LineReader(int fd, std::size_t max_line)
    : fd_(fd), max_line_(max_line), buffer_(block + RecordParser::padding) {}

/// The rest of a line that was too long, or bytes without a newline yet.
std::optional<Line> LineReader::next_of_rest(const void* newline) {
  if (newline != nullptr) {
    begin_ = scanned_ = static_cast<std::size_t>(static_cast<const char*>(newline) - buffer_.data()) + 1;
    skipping_ = false;
    return next();
  }
  scanned_ = end_;
  if (skipping_) {
    begin_ = end_;
    return std::nullopt;
  }
  const std::string_view rest(buffer_.data() + begin_, end_ - begin_);
  if (rest.size() > max_line_) {
    skipping_ = true;
    begin_ = end_;
    return Line{rest.substr(0, max_line_), ++number_, true};
  }
  if (!at_end_ || rest.empty()) return std::nullopt;
  begin_ = end_;
  return Line{rest, ++number_, false};
}

std::string_view LineReader::pending() const {
  const std::string_view bytes(buffer_.data() + begin_, end_ - begin_);
  if (at_end_) return bytes;
  return bytes.substr(0, std::max<std::size_t>(lines_end(), 1) - 1);
}

/// The end of the last line in the bytes from begin_ on, its newline included; 0 when none ends there.
std::size_t LineReader::lines_end() const {
  const std::string_view unknown(buffer_.data() + scanned_, end_ - scanned_);
  const std::size_t last = unknown.rfind('\n');
  return last == std::string_view::npos ? 0 : scanned_ - begin_ + last + 1;
}

std::string_view LineReader::take_lines(std::vector<char>& spare) {
  if (skipping_) {
    const void* const newline = std::memchr(buffer_.data() + begin_, '\n', end_ - begin_);
    if (newline == nullptr) {
      begin_ = scanned_ = end_;
      return {};
    }
    begin_ = scanned_ = static_cast<std::size_t>(static_cast<const char*>(newline) - buffer_.data()) + 1;
    skipping_ = false;
  }
  const std::string_view bytes(buffer_.data() + begin_, end_ - begin_);
  std::size_t size = at_end_ ? bytes.size() : lines_end();
  if (bytes.size() - size > max_line_) {
    size += max_line_ + 1;
    skipping_ = true;
  }
  if (size == 0) {
    scanned_ = end_;
    return {};
  }
  const std::string_view rest = skipping_ ? std::string_view() : bytes.substr(size);
  spare.resize(std::max(spare.size(), rest.size() + block + RecordParser::padding));
  rest.copy(spare.data(), rest.size());
  buffer_.swap(spare);
  begin_ = 0;
  scanned_ = end_ = rest.size();
  return bytes.substr(0, size);
}

ssize_t LineReader::read_block(char* to) {
  if (ahead_at_ == ahead_.size()) return ::read(fd_, to, block);
  const std::size_t size = std::min(block, ahead_.size() - ahead_at_);
  std::memcpy(to, ahead_.data() + ahead_at_, size);
  ahead_at_ += size;
  return static_cast<ssize_t>(size);
}

std::string LineReader::read_to_end(std::size_t size) {
  std::size_t end = ahead_.size();
  while (!at_end_) {
    ahead_.resize(end + block);
    const ssize_t n = ::read(fd_, ahead_.data() + end, block);
    ahead_.resize(n > 0 ? end + static_cast<std::size_t>(n) : end);
    if (n < 0 && errno != EINTR) throw std::system_error(errno, std::generic_category(), "reading the input");
    if (n == 0) break;
    end = ahead_.size();
  }
  std::string last(buffer_.data() + (end_ - std::min(end_, size)), std::min(end_, size));
  last += std::string_view(ahead_).substr(ahead_.size() - std::min(ahead_.size(), size));
  return last.size() > size ? last.substr(last.size() - size) : last;
}

LineReader::Fill LineReader::fill() {
  if (at_end_) return Fill::end;
  if (begin_ > 0) {
    std::memmove(buffer_.data(), buffer_.data() + begin_, end_ - begin_);
    scanned_ -= begin_;
    end_ -= begin_;
    begin_ = 0;
  }
  if (buffer_.size() < end_ + block + RecordParser::padding) buffer_.resize(end_ + block + RecordParser::padding);
  const ssize_t n = read_block(buffer_.data() + end_);
  if (n < 0) {
    if (errno == EINTR || errno == EAGAIN) return Fill::data;
    throw std::system_error(errno, std::generic_category(), "reading the input");
  }
  if (n == 0) {
    at_end_ = true;
    return Fill::end;
  }
  const bool first = bytes_ == 0;
  bytes_ += static_cast<std::uint64_t>(n);
  end_ += static_cast<std::size_t>(n);
  static constexpr std::string_view mark = "\xEF\xBB\xBF";
  if (first && std::string_view(buffer_.data(), end_).starts_with(mark)) begin_ = scanned_ = mark.size();
  return Fill::data;
}

}  // namespace weir
