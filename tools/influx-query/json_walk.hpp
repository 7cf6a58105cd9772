// A walk through a JSON text, member by member.
#pragma once
#include <string>
#include <string_view>

#include "record/token_cursor.hpp"
#include "row_writer.hpp"

namespace weir::influx_query {

/// Each call reads the next value, and throws AnswerError where the text is not such JSON.
class JsonWalk {
 public:
  /// Copies the text.
  void begin(std::string_view text);
  /// Nothing may follow.
  void end() const;

  bool at_object() const { return cursor_.peek() == '{'; }
  bool at_array() const { return cursor_.peek() == '['; }

  /// A string, number, boolean or null; valid until the next begin().
  Value scalar();
  /// Passes over a value.
  void skip();

  /// `each(name)` reads the member's value.
  template <typename Each>
  void object(Each each) {
    series('{', '}', [&] {
      const Value name = scalar();
      if (name.kind != Kind::string) fail();
      take(':');
      each(name.text);
    });
  }
  /// `each()` reads the element.
  template <typename Each>
  void array(Each each) {
    series('[', ']', each);
  }

 private:
  [[noreturn]] static void fail(std::string_view reason = malformed);
  void take(char c);

  template <typename Each>
  void series(char open, char close, Each each) {
    take(open);
    if (++depth_ > deepest) fail(too_deep);
    for (bool first = true; cursor_.peek() != close; first = false) {
      if (!first) take(',');
      each();
    }
    take(close);
    --depth_;
  }

  static constexpr std::size_t deepest = 32;
  std::string text_;
  Tokens tokens_;
  TokenCursor cursor_{deepest};
  std::size_t depth_ = 0;
};

}  // namespace weir::influx_query
