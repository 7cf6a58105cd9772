#include "record/json_text.hpp"

#include <simdjson.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>

#include "record/byte_search.hpp"
#include "record/short_copy.hpp"

namespace weir {
namespace {

/// Writes what stands for a byte that needs an escape. Returns the end.
char* write_escape(unsigned char c, char* to) {
  static constexpr char hex[] = "0123456789abcdef";
  *to++ = '\\';
  switch (c) {
    case '"':
    case '\\':
      *to++ = static_cast<char>(c);
      return to;
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

/// Copies bytes up to the first escape, and this too, but no more than `most` bytes, which a block has. Moves `at` and
/// `to` past them. A whole block is read and written.
[[gnu::always_inline]] inline void copy_escaped(const char*& at, std::size_t most, char*& to) {
  Bytes bytes;
  std::memcpy(&bytes, at, sizeof bytes);
  std::memcpy(to, &bytes, sizeof bytes);
  const Bytes escapes = (bytes < ' ') | (bytes == '"') | (bytes == '\\') | (bytes == 0x7f);
  const std::size_t plain = std::min(most, first_of(escapes));
  at += plain;
  to += plain;
  if (plain < most) to = write_escape(static_cast<unsigned char>(*at++), to);
}

/// write_json_string() without the quotes.
char* write_escaped(char* to, std::string_view text) {
  constexpr std::size_t block = sizeof(Bytes);
  const char* at = text.data();
  const char* end = at + text.size();
  while (static_cast<std::size_t>(end - at) >= block) copy_escaped(at, block, to);
  std::array<char, 2 * block> rest{};
  const auto left = static_cast<std::size_t>(end - at);
  copy_short(rest.data(), at, left);
  end = rest.data() + left;
  for (at = rest.data(); at != end;) copy_escaped(at, static_cast<std::size_t>(end - at), to);
  return to;
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
