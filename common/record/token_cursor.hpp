// A cursor over the tokens of one line.
#pragma once
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <deque>
#include <string>
#include <string_view>

#include "record/byte_search.hpp"
#include "record/tokens.hpp"
#include "record/value.hpp"

namespace weir {

inline constexpr const char* unclosed = "an object or array is not closed";
inline constexpr const char* malformed = "not valid JSON";
inline constexpr const char* too_deep = "nested too deeply";
inline constexpr const char* bad_literal = "a word that is neither true, false nor null";
inline constexpr const char* bad_escape = "a string with a bad escape";

/// JSON's white space.
inline bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

/// The next token of a line, and the functions that read from there. Each returns nullptr or the reason for a reject,
/// and moves `at` past what it read.
struct TokenCursor {
  explicit TokenCursor(std::size_t depth) : max_depth(depth) {}

  /// The first byte of the line's next token; NUL when there is none.
  char peek() const { return *at < limit ? base[*at] : '\0'; }
  /// Whether no token is left. A NUL in the line is a token.
  bool at_end() const { return *at >= limit; }
  const char* here() const { return base + std::min<std::size_t>(*at, limit); }

  [[gnu::cold, gnu::noinline]] const char* resolve(std::string_view string, std::string_view& text) {
    std::string& out = resolved.emplace_back();
    if (!unescaper.append(string, out)) return bad_escape;
    text = out;
    return nullptr;
  }

  /// Reads a string from its opening quote to the end; `escaped` is true where it may have a backslash.
  [[gnu::always_inline]] const char* read_string(const char* start, const char* end, bool escaped, Value& kept) {
    const auto length = static_cast<std::size_t>(end - start);
    kept.kind = Kind::string;
    kept.raw = {start, length};
    kept.text = {start + 1, length - 2};
    if (escaped && std::memchr(start, '\\', length) != nullptr) return resolve({start, length}, kept.text);
    return nullptr;
  }

  /// Reads a number or word from `start` to `end`.
  template <Readable readable = Readable::text>
  [[gnu::always_inline]] const char* read_word(const char* start, const char* end, Value& kept) {
    const auto length = static_cast<std::size_t>(end - start);
    kept.raw = {start, length};
    kept.text = {start, length};
    switch (*start) {
      case 't':
      case 'f':
        kept.kind = Kind::boolean;
        return kept.text == "true" || kept.text == "false" ? nullptr : bad_literal;
      case 'n':
        kept.kind = Kind::null;
        return kept.text == "null" ? nullptr : bad_literal;
      default:
        kept.kind = Kind::number;
        if (kept.read_number<readable>()) return nullptr;
        return std::string_view("+-.0123456789").find(*start) != std::string_view::npos ? "a number that is not JSON's"
                                                                                        : bad_literal;
    }
  }

  /// Reads a number as most are: of few characters, and a comma or brace ends it. `kept` may be null where it need only
  /// be valid. Returns its end; nullptr for all other values. 16 bytes must be readable.
  [[gnu::always_inline]] static const char* read_usual_number(const char* start, Value* kept) {
    std::size_t point = 0;
    const char* const end = short_number_end(start, point);
    if (end == nullptr || kept == nullptr) return end;
    const auto length = static_cast<std::size_t>(end - start);
    kept->kind = Kind::number;
    kept->raw = {start, length};
    kept->text = {start, length};
    if (length <= 8)
      kept->fast_number = short_number_value(start, length, point);
    else
      scan_json_number(kept->raw, kept->fast_number);
    return end;
  }

  /// Reads any number or word that begins before `end`. Returns its end, or nullptr. 16 bytes must be readable.
  [[gnu::noinline]] const char* read_any_word(const char* start, const char* end, Value& kept) {
    const char* const after = word_end(start, end);
    return after == nullptr || read_word<Readable::nine>(start, after, kept) != nullptr ? nullptr : after;
  }

  const char* scalar(Value& kept) {
    const char* const start = here();
    ++at;
    const char* end = here();
    if (static_cast<unsigned char>(end[-1]) <= ' ')
      while (end > start && is_blank(end[-1])) --end;
    return *start == '"' ? read_string(start, end, escapes, kept) : read_word(start, end, kept);
  }

  /// Skips a value that is not read.
  const char* skip(std::size_t depth) {
    const char c = peek();
    if (c != '{' && c != '[') {
      if (c == '\0') return unclosed;
      if (c == ',' || c == ':' || c == '}' || c == ']') return malformed;
      ++at;
      return nullptr;
    }
    std::uint64_t objects = 0;  // which open brackets are braces; max_depth is at most 64
    std::size_t open = 0;
    for (;; ++at) {
      switch (peek()) {
        case '{':
        case '[':
          if (depth + ++open > max_depth) return too_deep;
          objects = objects << 1U | (peek() == '{' ? 1U : 0U);
          break;
        case '}':
        case ']':
          if ((objects & 1U) != (peek() == '}' ? 1U : 0U)) return malformed;
          objects >>= 1U;
          if (--open == 0) {
            ++at;
            return nullptr;
          }
          break;
        case '\0':
          return unclosed;
        default:
          break;
      }
    }
  }

  const char* base = nullptr;         ///< base of the offsets
  const std::uint32_t* at = nullptr;  ///< the next token
  std::size_t limit = 0;              ///< the line's end, from base
  bool escapes = true;                ///< the text has a backslash
  std::size_t max_depth;
  Unescaper unescaper;
  std::deque<std::string> resolved;  ///< strings without their escapes; views into it stay valid as it grows
};

}  // namespace weir
