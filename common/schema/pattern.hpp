// Regular expressions of schemas; the door to PCRE2.
#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace weir::schema {

/// The result of looking for a pattern.
enum class Match : std::uint8_t { yes, no, too_long };

/// A regular expression by ECMA 262, as JSON Schema has them. It may match anywhere in a text.
class Pattern {
 public:
  /// Throws std::invalid_argument with the reason and the place.
  explicit Pattern(const std::string& text);
  ~Pattern();
  Pattern(Pattern&& other) noexcept;
  Pattern& operator=(Pattern&& other) noexcept;

  const std::string& text() const { return text_; }

  /// Gives up with too_long after a number of steps that is the same on every machine.
  Match find(std::string_view in) const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
  std::string text_;
};

}  // namespace weir::schema
