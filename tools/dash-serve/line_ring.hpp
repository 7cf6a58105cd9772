// A ring of lines.
#pragma once
#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace weir::dash_serve {

/// The last `limit` lines, oldest first. A new line reuses the place and memory of the oldest.
class LineRing {
 public:
  std::size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  /// The line at an index; 0 is the oldest.
  std::string_view operator[](std::size_t index) const { return lines_[(first_ + index) % lines_.size()]; }
  std::string_view back() const { return (*this)[size_ - 1]; }
  /// The approximate memory in bytes.
  std::size_t bytes() const { return bytes_; }

  void push(std::string_view line, std::size_t limit) {
    if (size_ == limit) {
      std::string& place = lines_[first_];
      bytes_ -= place.capacity();
      place.assign(line);
      bytes_ += place.capacity();
      first_ = (first_ + 1) % lines_.size();
      return;
    }
    if (size_ == lines_.size()) grow(limit);
    std::string& place = lines_[(first_ + size_) % lines_.size()];
    bytes_ -= place.capacity();
    place.assign(line);
    bytes_ += place.capacity();
    ++size_;
  }

  void drop_oldest() {
    std::string& place = lines_[first_];
    bytes_ -= place.capacity();
    std::string().swap(place);
    bytes_ += place.capacity();
    first_ = (first_ + 1) % lines_.size();
    --size_;
  }

 private:
  void grow(std::size_t limit) {
    std::vector<std::string> larger(std::min(limit, std::max<std::size_t>(4, lines_.size() * 2)));
    for (std::size_t i = 0; i < size_; ++i) larger[i] = std::move(lines_[(first_ + i) % lines_.size()]);
    lines_ = std::move(larger);
    first_ = 0;
    bytes_ = lines_.size() * sizeof(std::string);
    for (const std::string& each : lines_) bytes_ += each.capacity();
  }

  std::vector<std::string> lines_;
  std::size_t first_ = 0;
  std::size_t size_ = 0;
  std::size_t bytes_ = 0;
};

}  // namespace weir::dash_serve
