// A JSON number's token that owns its bytes.
#pragma once
#include <array>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <utility>

#include "state/archive.hpp"

namespace weir {

/// The characters of one JSON number in 8 bytes: up to 15 of them, four bits each. A longer one, and any other text, is
/// on the heap. Empty before assign().
class NumberToken {
 public:
  /// The characters of a token that has them in itself.
  using Buffer = std::array<char, 16>;

  NumberToken() = default;
  ~NumberToken() { release(); }
  NumberToken(const NumberToken&) = delete;
  NumberToken& operator=(const NumberToken&) = delete;
  NumberToken(NumberToken&& other) noexcept : word_(std::exchange(other.word_, 0)) {}
  NumberToken& operator=(NumberToken&& other) noexcept {
    std::swap(word_, other.word_);
    return *this;
  }

  bool empty() const { return word_ == 0; }

  /// The token; a view into `buffer`, or into this.
  std::string_view view(Buffer& buffer) const {
    if (is_elsewhere()) return far_view();
    const std::size_t size = word_ & 15U;
    std::uint64_t left = word_;
    for (std::size_t i = 0; i < size; ++i) buffer[i] = characters[(left >>= 4U) & 15U];
    return {buffer.data(), size};
  }

  /// Appends the token, or null where there is none.
  void append_to(std::string& out) const {
    Buffer buffer;
    out += empty() ? std::string_view("null") : view(buffer);
  }

  /// `token` must not be a view of this one; at most 4 GiB long.
  void assign(std::string_view token) {
    release();
    word_ = packed(token);
    if (word_ == 0 && !token.empty()) assign_far(token);
  }

  /// Whether this is that token.
  bool is(std::string_view token) const { return is_elsewhere() ? far_view() == token : packed(token) == word_; }

  void state(StateArchive& archive) {
    Buffer buffer;
    const std::string_view saved = archive.text(view(buffer));
    if (archive.loading()) assign(saved);
  }

 private:
  static constexpr std::size_t most = 15;
  static constexpr std::uint8_t none = 16;
  static constexpr std::string_view characters = "0123456789.-+eE?";

  /// By character: its index in `characters`, or none.
  static constexpr std::array<std::uint8_t, 256> codes = [] {
    std::array<std::uint8_t, 256> all{};
    all.fill(none);
    for (std::uint8_t i = 0; i < none - 1; ++i) all[static_cast<unsigned char>(characters[i])] = i;
    return all;
  }();

  /// The word of a token; 0 for an empty one, and for one that must be elsewhere.
  static std::uint64_t packed(std::string_view token) {
    if (token.size() > most) return 0;
    std::uint64_t word = 0;
    std::uint64_t seen = 0;
    for (std::size_t i = token.size(); i-- > 0;) {
      const std::uint64_t code = codes[static_cast<unsigned char>(token[i])];
      seen |= code;
      word = (word | code) << 4U;
    }
    return (seen & none) != 0 ? 0 : word | token.size();
  }

  /// Whether the word is the address of a size and bytes: its lowest four bits are 0, where a short token has its size.
  bool is_elsewhere() const { return word_ != 0 && (word_ & 15U) == 0; }
  char* far() const { return reinterpret_cast<char*>(word_); }
  [[gnu::cold, gnu::noinline]] std::string_view far_view() const {
    std::uint32_t size;
    std::memcpy(&size, far(), sizeof size);
    return {far() + sizeof size, size};
  }
  [[gnu::cold, gnu::noinline]] void assign_far(std::string_view token) {
    static_assert(__STDCPP_DEFAULT_NEW_ALIGNMENT__ >= 16);
    const auto size = static_cast<std::uint32_t>(token.size());
    char* const bytes = new char[most + 1 + token.size()];  // no less than what has an address that 16 divides
    std::memcpy(bytes, &size, sizeof size);
    if (size > 0) std::memcpy(bytes + sizeof size, token.data(), size);
    word_ = reinterpret_cast<std::uintptr_t>(bytes);
  }
  void release() {
    if (is_elsewhere()) delete[] far();
    word_ = 0;
  }

  std::uint64_t word_ = 0;
};
static_assert(sizeof(NumberToken) == 8);

}  // namespace weir
