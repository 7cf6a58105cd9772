#include <cstdio>

#include "catch.hpp"
#include "record/json_text.hpp"

namespace {

/// The reference: one byte at a time.
std::string by_bytes(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out += {'\\', c};
    } else if (c == '\n') {
      out += "\\n";
    } else if (c == '\r') {
      out += "\\r";
    } else if (c == '\t') {
      out += "\\t";
    } else if (byte < 0x20 || byte == 0x7f) {
      char escape[7];
      std::snprintf(escape, sizeof escape, "\\u%04x", byte);
      out += escape;
    } else {
      out += c;
    }
  }
  return out + '"';
}

}  // namespace

TEST_CASE("a long text of escapes alone, and of escapes among plain bytes, is escaped as it should be") {
  for (std::size_t length = 1; length < 1500; length += 7) {
    for (const std::string_view pattern : {"\x01", "\"", "\\\n", "\"name\":", "abcdefghijklmnopqrstuvwxyz\x7f"}) {
      std::string text;
      while (text.size() < length) text += pattern;
      text.resize(length);
      std::string out;
      weir::append_json_string(out, text);
      if (out != by_bytes(text)) FAIL(length << " bytes: " << out);
    }
  }
}

TEST_CASE("every byte at every place is escaped as it should be") {
  for (std::size_t length = 1; length <= 34; ++length) {
    for (std::size_t at = 0; at < length; ++at) {
      for (int byte = 0; byte < 256; ++byte) {
        for (const char filler : {'a', '\x80', '!', '~'}) {
          std::string text(length, filler);
          text[at] = static_cast<char>(byte);
          std::string out;
          weir::append_json_string(out, text);
          if (out != by_bytes(text)) FAIL("byte " << byte << " at " << at << " of " << length << ": " << out);
        }
      }
    }
  }
}
