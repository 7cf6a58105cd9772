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

/// The rest of a line that was too long, or what has no newline yet.
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
