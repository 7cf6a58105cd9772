// A JSON token that owns its bytes.
#pragma once
#include <array>
#include <cstdint>
#include <cstring>
#include <string_view>
#include <utility>

#include "state/archive.hpp"

namespace weir {

/// The bytes of one JSON token in 24 bytes; a token of more than 23 bytes is on the heap. Empty before assign().
class Token {
 public:
  Token() = default;
  ~Token() { release(); }
  Token(const Token&) = delete;
  Token& operator=(const Token&) = delete;
  Token(Token&& other) noexcept : bytes_(other.bytes_), size_(std::exchange(other.size_, std::uint8_t{0})) {}
  Token& operator=(Token&& other) noexcept {
    if (this != &other) {
      release();
      bytes_ = other.bytes_;
      size_ = std::exchange(other.size_, std::uint8_t{0});
    }
    return *this;
  }

  bool empty() const { return size_ == 0; }

  void state(StateArchive& archive) {
    const std::string_view saved = archive.text(view());
    if (archive.loading()) assign(saved);
  }

  std::string_view view() const {
    if (size_ != elsewhere) return {bytes_.data(), size_};
    const Large large = load();
    return {large.data, large.size};
  }

  /// `token` must not be a view of this one; at most 4 GiB long.
  void assign(std::string_view token) {
    release();
    if (token.size() <= bytes_.size()) {
      if (!token.empty()) std::memcpy(bytes_.data(), token.data(), token.size());
      size_ = static_cast<std::uint8_t>(token.size());
      return;
    }
    const Large large{new char[token.size()], static_cast<std::uint32_t>(token.size())};
    std::memcpy(large.data, token.data(), token.size());
    std::memcpy(bytes_.data(), &large.data, sizeof large.data);
    std::memcpy(bytes_.data() + sizeof large.data, &large.size, sizeof large.size);
    size_ = elsewhere;
  }

 private:
  static constexpr std::uint8_t elsewhere = 255;
  struct Large {
    char* data = nullptr;
    std::uint32_t size = 0;
  };
  Large load() const {
    Large large;
    std::memcpy(&large.data, bytes_.data(), sizeof large.data);
    std::memcpy(&large.size, bytes_.data() + sizeof large.data, sizeof large.size);
    return large;
  }
  void release() {
    if (size_ == elsewhere) delete[] load().data;
    size_ = 0;
  }

  std::array<char, 23> bytes_;
  std::uint8_t size_ = 0;
};
static_assert(sizeof(Token) == 24);

}  // namespace weir
