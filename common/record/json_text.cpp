#include "record/json_text.hpp"

#include <simdjson.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <cstring>

#include "record/byte_search.hpp"
#include "record/short_copy.hpp"

namespace weir {
namespace {

/// Writes what stands for a control character. Returns the end.
[[gnu::noinline]] char* write_control(unsigned char c, char* to) {
  static constexpr char hex[] = "0123456789abcdef";
  *to++ = '\\';
  switch (c) {
    case '\n':
      *to++ = 'n';
      return to;
    case '\r':
      *to++ = 'r';
      return to;
    case '\t':
      *to++ = 't';
      return to;
    default:
      return std::ranges::copy(std::array{'u', '0', '0', hex[c >> 4], hex[c & 15]}, to).out;
  }
}

constexpr std::size_t block = sizeof(Bytes);

/// Writes the first `size` bytes of a block. Returns the end. Two whole blocks are read, and one is written.
[[gnu::always_inline]] inline char* write_block(char* to, const char* from, std::size_t size) {
  Bytes bytes;
  std::memcpy(&bytes, from, block);
  std::memcpy(to, &bytes, block);
  const std::uint32_t within = (1U << size) - 1;
  std::uint32_t escapes = bits_of((bytes < ' ') | (bytes == '"') | (bytes == '\\') | (bytes == 0x7f)) & within;
  std::size_t done = 0;
  for (; escapes != 0; escapes &= escapes - 1) {
    const auto place = static_cast<std::size_t>(std::countr_zero(escapes));
    const char c = from[place];
    to += place - done;
    done = place + 1;
    if (c == '"' || c == '\\') {
      *to++ = '\\';
      *to++ = c;
    } else {
      to = write_control(static_cast<unsigned char>(c), to);
    }
    std::memcpy(to, from + done, block);  // the plain bytes up to the next escape
  }
  return to + size - done;
}

/// write_json_string() without the quotes.
char* write_escaped(char* to, std::string_view text) {
  const char* at = text.data();
  std::size_t left = text.size();
  for (; left >= 2 * block; at += block, left -= block) to = write_block(to, at, block);
  std::array<char, 3 * block> rest{};
  copy_short(rest.data(), at, left);
  to = write_block(to, rest.data(), std::min(left, block));
  return left > block ? write_block(to, rest.data() + block, left - block) : to;
}

}  // namespace

char* write_json_string(char* to, std::string_view text) {
  *to++ = '"';
  to = write_escaped(to, text);
  *to++ = '"';
  return to;
}

void append_json_string(std::string& out, std::string_view text) {
  constexpr std::size_t most = 256;
  std::array<char, json_string_room(most)> written;
  const auto append_until = [&](const char* end) {
    out.append(written.data(), static_cast<std::size_t>(end - written.data()));
  };
  if (text.size() <= most) return append_until(write_json_string(written.data(), text));
  out += '"';
  for (; !text.empty(); text.remove_prefix(std::min(most, text.size())))
    append_until(write_escaped(written.data(), text.substr(0, most)));
  out += '"';
}

bool is_utf8(std::string_view bytes) { return simdjson::validate_utf8(bytes.data(), bytes.size()); }

void append_base64(std::string& out, std::string_view bytes) {
  static constexpr char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    const auto byte = [&](std::size_t k) -> std::uint32_t {
      return i + k < bytes.size() ? static_cast<unsigned char>(bytes[i + k]) : 0U;
    };
    const std::uint32_t group = byte(0) << 16 | byte(1) << 8 | byte(2);
    out += digits[group >> 18];
    out += digits[group >> 12 & 63];
    out += i + 1 < bytes.size() ? digits[group >> 6 & 63] : '=';
    out += i + 2 < bytes.size() ? digits[group & 63] : '=';
  }
}

}  // namespace weir
