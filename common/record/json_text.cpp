#include "record/json_text.hpp"

#include <simdjson.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>

namespace weir {
namespace {

/// True when none of eight bytes needs an escape: no control byte, quote, backslash or DEL. Bytes with the high bit
/// are plain. (A borrow of a subtraction shows a byte that is zero, or below n: Anderson, Bit Twiddling Hacks.)
bool is_plain(const char* bytes) {
  constexpr std::uint64_t ones = 0x0101010101010101U;
  constexpr std::uint64_t high = ones * 0x80;
  std::uint64_t word;
  std::memcpy(&word, bytes, sizeof word);
  const auto has_zero = [](std::uint64_t x) { return (x - ones) & ~x & high; };
  const std::uint64_t control = (word - ones * 0x20) & ~word & high;
  return (control | has_zero(word ^ (ones * '"')) | has_zero(word ^ (ones * '\\')) | has_zero(word ^ (ones * 0x7f))) ==
         0;
}

/// True when no byte needs an escape; `text` has at least eight.
bool is_all_plain(std::string_view text) {
  const char* const last = text.data() + text.size() - 8;
  for (const char* at = text.data(); at < last; at += 8)
    if (!is_plain(at)) return false;
  return is_plain(last);
}

/// append_json_string() for any text.
void append_escaped(std::string& out, std::string_view text) {
  static constexpr char hex[] = "0123456789abcdef";
  out += '"';
  std::size_t done = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    while (i + 8 < text.size() && is_plain(text.data() + i)) i += 8;
    const auto c = static_cast<unsigned char>(text[i]);
    if (c >= 0x20 && c != '"' && c != '\\' && c != 0x7f) continue;
    out.append(text, done, i - done);
    done = i + 1;
    switch (c) {
      case '"':
        out += "\\\"";
        break;
      case '\\':
        out += "\\\\";
        break;
      case '\n':
        out += "\\n";
        break;
      case '\r':
        out += "\\r";
        break;
      case '\t':
        out += "\\t";
        break;
      default:
        out += "\\u00";
        out += hex[c >> 4];
        out += hex[c & 15];
    }
  }
  out.append(text, done);
  out += '"';
}

}  // namespace

void append_json_string(std::string& out, std::string_view text) {
  constexpr std::size_t most = 62;
  if (text.size() <= most) {  // one copy is quicker than three
    std::array<char, most + 2> quoted;
    quoted[0] = '"';
    if (text.size() < 8) {
      std::memset(quoted.data() + 1, 'x', 8);
      text.copy(quoted.data() + 1, text.size());
    } else {
      std::memcpy(quoted.data() + 1, text.data(), text.size());
    }
    if (is_all_plain({quoted.data() + 1, std::max<std::size_t>(text.size(), 8)})) {
      quoted[text.size() + 1] = '"';
      out.append(quoted.data(), text.size() + 2);
      return;
    }
  }
  append_escaped(out, text);
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
