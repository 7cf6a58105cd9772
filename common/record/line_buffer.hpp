// Lines that are put together piece by piece.
#pragma once
#include <array>
#include <cstddef>
#include <string>
#include <string_view>

#include "record/json_text.hpp"
#include "record/short_copy.hpp"

namespace weir {

/// Gathers pieces in memory of its own, and appends many at once: a string takes a piece at the cost of two calls.
class LineBuffer {
 public:
  static constexpr std::size_t capacity = 8192;

  /// Appends to `out`.
  explicit LineBuffer(std::string& out) : out_(out) {}
  LineBuffer(const LineBuffer&) = delete;
  LineBuffer& operator=(const LineBuffer&) = delete;

  [[gnu::always_inline]] void add(std::string_view text) {
    if (text.size() > room()) return static_cast<void>(flushed() += text);
    copy_short(end_, text.data(), text.size());
    end_ += text.size();
  }
  /// Adds text as a JSON string; it must be UTF-8.
  void add_json_string(std::string_view text) {
    if (json_string_room(text.size()) > room()) return append_json_string(flushed(), text);
    end_ = write_json_string(end_, text);
  }

  /// Where so many bytes can be put, at most `capacity`; placed() then tells where they end.
  [[gnu::always_inline]] char* place(std::size_t size) {
    if (size > room()) flushed();
    return end_;
  }
  void placed(char* end) { end_ = end; }

  /// The string, with all pieces.
  [[gnu::noinline]] std::string& flushed() {
    out_.append(pieces_.data(), static_cast<std::size_t>(end_ - pieces_.data()));
    end_ = pieces_.data();
    return out_;
  }

 private:
  std::size_t room() const { return static_cast<std::size_t>(pieces_.data() + pieces_.size() - end_); }

  std::string& out_;
  std::array<char, capacity> pieces_;
  char* end_ = pieces_.data();
};

}  // namespace weir
