// The server's replies.
#pragma once
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace weir::redis {

/// One reply.
struct Reply {
  enum class Kind : std::uint8_t { nil, status, error, integer, text, array };
  Kind kind = Kind::nil;
  std::string text;  ///< of a status, an error (`WRONGTYPE Operation …`) or a text
  std::int64_t integer = 0;
  std::vector<Reply> elements;

  bool is_error() const { return kind == Kind::error; }
  /// The first word of an error: `WRONGTYPE`.
  std::string_view code() const { return std::string_view(text).substr(0, text.find(' ')); }
};

/// Makes replies of the bytes that the server sends; the door to hiredis.
class ReplyReader {
 public:
  ReplyReader();

  void feed(std::string_view bytes);
  /// The next whole reply, or nothing. Throws std::runtime_error when the bytes are not Redis's protocol; the reader
  /// then stays unusable.
  std::optional<Reply> next();

 private:
  struct Free {
    void operator()(void* reader) const;
  };
  std::unique_ptr<void, Free> reader_;
};

}  // namespace weir::redis
