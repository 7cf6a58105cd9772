#include "record/line_reader.hpp"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <system_error>

#include "record/parser.hpp"

namespace weir {
namespace {

constexpr std::size_t block = 256 * 1024;

}  // namespace

LineReader::LineReader(int fd, std::size_t max_line)
    : fd_(fd), max_line_(max_line), buffer_(block + RecordParser::padding) {}

std::optional<Line> LineReader::next() {
  for (;;) {
    const char* const data = buffer_.data();
    const void* const found = end_ > scanned_ ? std::memchr(data + scanned_, '\n', end_ - scanned_) : nullptr;
    if (found == nullptr) {
      scanned_ = end_;
      if (skipping_) {
        begin_ = end_;
        return std::nullopt;
      }
      if (end_ - begin_ > max_line_) {
        skipping_ = true;
        const Line line{{data + begin_, max_line_}, ++number_, true};
        begin_ = end_;
        return line;
      }
      if (at_end_ && end_ > begin_) {
        const Line line{{data + begin_, end_ - begin_}, ++number_, false};
        begin_ = end_;
        return line;
      }
      return std::nullopt;
    }
    const auto newline = static_cast<std::size_t>(static_cast<const char*>(found) - data);
    const std::size_t start = begin_;
    begin_ = scanned_ = newline + 1;
    if (skipping_) {
      skipping_ = false;
      continue;
    }
    const std::size_t length = newline - start;
    return Line{{data + start, std::min(length, max_line_)}, ++number_, length > max_line_};
  }
}

std::string_view LineReader::pending() const {
  const std::string_view bytes(buffer_.data() + begin_, end_ - begin_);
  if (at_end_) return bytes;
  const auto last = bytes.rfind('\n');
  return last == std::string_view::npos ? std::string_view() : bytes.substr(0, last);
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
  const ssize_t n = ::read(fd_, buffer_.data() + end_, block);
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
