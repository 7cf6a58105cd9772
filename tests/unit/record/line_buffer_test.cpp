#include "record/line_buffer.hpp"

#include <string>

#include "catch.hpp"
#include "record/short_copy.hpp"

using weir::LineBuffer;

TEST_CASE("a short copy has all bytes and no others") {
  const std::string from = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
  for (std::size_t size = 0; size < from.size(); ++size) {
    std::string to(from.size(), '.');
    weir::copy_short(to.data(), from.data(), size);
    CHECK(to == from.substr(0, size) + std::string(from.size() - size, '.'));
  }
}

TEST_CASE("pieces of a line come in order, whether they fit the buffer or not") {
  for (const std::size_t size : {0U, 1U, 7U, 100U, 170U, 500U, 8191U, 8192U, 8193U, 20000U}) {
    const std::string piece(size, 'x');
    const std::string text(size, '"');
    std::string escaped;
    for (const char c : text) (escaped += '\\') += c;
    std::string out = "begun ", expected = out;
    LineBuffer line(out);
    for (int i = 0; i < 20; ++i) {
      line.add(piece);
      line.add_json_string(text);
      if (i % 7 == 3) line.flushed() += "|";
      line.add(",");
      expected += piece + '"' + escaped + '"' + (i % 7 == 3 ? "|" : "") + ',';
    }
    CHECK(line.flushed() == expected);
  }
}
