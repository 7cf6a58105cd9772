// Bytes in some encoding become UTF-8.
#pragma once
#include <iconv.h>

#include <cstddef>
#include <string>
#include <string_view>

namespace weir::csv {

/// Decodes by iconv(3). A byte that the encoding does not have becomes the byte FF, which no UTF-8 text has.
class Decoder {
 public:
  /// Throws std::invalid_argument when iconv does not know the encoding.
  explicit Decoder(const std::string& encoding);
  ~Decoder();
  Decoder(const Decoder&) = delete;
  Decoder& operator=(const Decoder&) = delete;

  struct Done {
    std::size_t taken = 0;  ///< bytes of the input
    std::size_t given = 0;  ///< bytes of UTF-8
  };

  /// Decodes whole characters until `room` bytes at `to` are used up or the input ends, perhaps within a character.
  Done decode(std::string_view from, char* to, std::size_t room);

  /// The next input is not the continuation of the last.
  void restart();

 private:
  iconv_t iconv_;
  std::size_t unit_;  ///< the smallest character, in bytes
};

}  // namespace weir::csv
