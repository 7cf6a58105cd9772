#include "state/line_escape.hpp"

#include "catch.hpp"

using namespace weir::state;
using namespace std::string_view_literals;

namespace {

std::string escaped(std::string_view bytes) {
  std::string line = "before ";
  append_escaped(line, bytes);
  return line;
}

}  // namespace

TEST_CASE("newline, NUL and backslash are escaped, whatever comes first") {
  CHECK(escaped("") == "before ");
  CHECK(escaped("plain") == "before plain");
  CHECK(escaped("a\nb\0c\\d"sv) == R"(before a\nb\0c\\d)");
  CHECK(escaped("\\\\\n\n\0\0"sv) == R"(before \\\\\n\n\0\0)");
  CHECK(escaped("\0x\\n"sv) == R"(before \0x\\n)");
}

TEST_CASE("any bytes come back as they were, on one line") {
  std::string bytes;
  std::uint32_t random = 1;
  for (int round = 0; round < 200; ++round) {
    bytes.clear();
    for (int i = 0; i < round; ++i) {
      random = random * 1664525 + 1013904223;
      bytes += "\n\0\\n0ab\xff"sv[random >> 29];
    }
    std::string line;
    append_escaped(line, bytes);
    CHECK(line.find('\n') == std::string::npos);
    CHECK(line.find('\0') == std::string::npos);
    std::string back;
    append_unescaped(back, line);
    CHECK(back == bytes);
  }
}
