// The offsets of the tokens of JSON text; the door to simdjson.
#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace weir {

/// The offsets of JSON tokens: brackets, commas, colons, strings and other scalars outside strings.
///
/// This is the first of simdjson's two stages. It scans 64 bytes at a time, and checks UTF-8, control characters in
/// strings and closing quotes. The parser does the second stage itself, so that it can take many lines at once and
/// still judge each alone: simdjson's streams of documents lose or merge records around a bad line.
class Tokens {
 public:
  Tokens();
  ~Tokens();
  Tokens(const Tokens&) = delete;
  Tokens& operator=(const Tokens&) = delete;

  /// Scans `text`, less than 4 GiB. Returns nullptr, or the reason why it is not valid. A string cannot contain a
  /// newline, so valid text of several lines has no string that is open at a line's end.
  const char* scan(std::string_view text);

  /// The offsets of the tokens from the beginning of the text, ascending, then the text's length.
  const std::uint32_t* offsets() const;

  /// The number of tokens: the offsets without the last one.
  std::size_t size() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

/// Resolves the escapes of a JSON string, given with its quotes. Nothing when an escape is invalid.
class Unescaper {
 public:
  Unescaper();
  ~Unescaper();
  Unescaper(const Unescaper&) = delete;
  Unescaper& operator=(const Unescaper&) = delete;

  /// Appends the content to `out`; returns false when an escape is invalid.
  bool append(std::string_view string, std::string& out);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace weir
