#include "record/line_reader.hpp"

#include <unistd.h>

#include <string>
#include <vector>

#include "catch.hpp"

using namespace weir;

namespace {

/// The lines of a reader whose bytes arrive in pieces of a given size.
std::vector<std::string> lines_of(std::string_view bytes, std::size_t piece, std::size_t max_line = 100) {
  int ends[2];
  REQUIRE(::pipe(ends) == 0);
  LineReader reader(ends[0], max_line);
  std::vector<std::string> lines;
  const auto collect = [&] {
    while (const auto line = reader.next())
      lines.push_back(std::to_string(line->number) + (line->too_long ? "!" : ":") + std::string(line->text));
  };
  for (std::size_t at = 0; at < bytes.size(); at += piece) {
    const auto part = bytes.substr(at, piece);
    REQUIRE(::write(ends[1], part.data(), part.size()) == static_cast<ssize_t>(part.size()));
    CHECK(reader.fill() == LineReader::Fill::data);
    collect();
  }
  ::close(ends[1]);
  CHECK(reader.fill() == LineReader::Fill::end);
  collect();
  ::close(ends[0]);
  return lines;
}

}  // namespace

TEST_CASE("lines are the same however the bytes arrive") {
  const std::string bytes = "a\n\nbc\r\nlast";
  const std::vector<std::string> expected{"1:a", "2:", "3:bc\r", "4:last"};
  for (std::size_t piece = 1; piece <= bytes.size(); ++piece) CHECK(lines_of(bytes, piece) == expected);
}

TEST_CASE("a line past the limit is cut, marked, and skipped to its end") {
  const std::string bytes = "short\n" + std::string(25, 'x') + "\nnext\n" + std::string(30, 'y');
  const std::vector<std::string> expected{"1:short", "2!" + std::string(10, 'x'), "3:next",
                                          "4!" + std::string(10, 'y')};
  for (const std::size_t piece : std::vector<std::size_t>{1, 3, 7, 100}) CHECK(lines_of(bytes, piece, 10) == expected);
}

TEST_CASE("a byte order mark is not part of the first line") {
  CHECK(lines_of("\xEF\xBB\xBF{}\n", 100) == std::vector<std::string>{"1:{}"});
}

TEST_CASE("large input keeps every line") {
  std::string bytes;
  std::vector<std::string> expected;
  for (int i = 1; i <= 5000; ++i) {
    const std::string text(static_cast<std::size_t>(i % 90), 'z');
    bytes += text + "\n";
    expected.push_back(std::to_string(i) + ":" + text);
  }
  CHECK(lines_of(bytes, 4096) == expected);
}

TEST_CASE("bytes read ahead to the end are returned as usual, and the last of them are known") {
  int ends[2];
  REQUIRE(::pipe(ends) == 0);
  LineReader reader(ends[0], 1000);
  const auto write = [&](std::string_view bytes) {
    REQUIRE(::write(ends[1], bytes.data(), bytes.size()) == static_cast<ssize_t>(bytes.size()));
  };
  write("one\ntwo\nthr");
  reader.fill();
  const auto first = reader.next();
  REQUIRE(first);
  write("ee\nfour\nla");
  write("st");
  ::close(ends[1]);
  CHECK(reader.read_to_end(10) == "\nfour\nlast");
  CHECK(reader.read_to_end(100) == "one\ntwo\nthree\nfour\nlast");
  CHECK(first->text == "one");  // still there
  std::vector<std::string> rest;
  for (bool more = true; more;) {
    while (const auto line = reader.next())
      rest.push_back(std::to_string(line->number) + ":" + std::string(line->text));
    more = reader.fill() == LineReader::Fill::data;
  }
  while (const auto line = reader.next()) rest.push_back(std::to_string(line->number) + ":" + std::string(line->text));
  CHECK(rest == std::vector<std::string>{"2:two", "3:three", "4:four", "5:last"});
  CHECK(reader.bytes() == 23);
  CHECK(reader.read_to_end(4) == "last");
  ::close(ends[0]);
}
