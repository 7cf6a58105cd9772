// Where the tokens of JSON text begin; the door to simdjson.
#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace weir {

/// The offsets at which JSON tokens begin: brackets, commas, colons, strings and the other scalars, none of which
/// stands inside a string.
///
/// This is the first of simdjson's two stages, which finds them 64 bytes at a time and checks UTF-8, control characters
/// in strings and that every string closes. What the tokens come to is the parser's business, who thereby can take many
/// lines in one go and still judge each by itself: simdjson's own streams of documents lose or merge records around a
/// bad line.
class Tokens {
 public:
  Tokens();
  ~Tokens();
  Tokens(const Tokens&) = delete;
  Tokens& operator=(const Tokens&) = delete;

  /// Looks over `text`, less than 4 GiB. Returns nullptr, or what is wrong with it. As a string cannot hold a newline,
  /// text of several lines in which nothing is wrong has none in which a string is left open.
  const char* scan(std::string_view text);

  /// The offsets from the beginning of the text, ascending, and after the last the text's length.
  const std::uint32_t* offsets() const;

  /// How many offsets there are, the last one, the text's length, excluded.
  std::size_t size() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

/// Resolves the escapes of a JSON string, given with its quotes; nothing when one of them is bad.
class Unescaper {
 public:
  Unescaper();
  ~Unescaper();
  Unescaper(const Unescaper&) = delete;
  Unescaper& operator=(const Unescaper&) = delete;

  /// Appends the content to `out`; false when an escape is bad.
  bool append(std::string_view string, std::string& out);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace weir
