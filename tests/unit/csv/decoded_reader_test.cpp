#include "csv/decoded_reader.hpp"

#include <stdexcept>
#include <string>

#include "catch.hpp"
#include "state/snapshot.hpp"

using namespace weir;
using namespace weir::csv;

namespace {

/// Rows as text, and what was consumed after each piece of input.
struct Read {
  std::string rows;
  std::string places;
};

Read read_all(std::string_view bytes, const std::string& encoding, std::size_t piece) {
  DecodedReader reader({}, plain_encoding(encoding));
  Read read;
  const auto take = [&] {
    while (const Row* row = reader.next()) {
      for (const auto cell : row->cells) read.rows.append("[").append(cell).append("]");
      read.rows += '|';
    }
    reader.settle();
    CHECK(reader.history() == bytes.substr(reader.consumed() - reader.history().size(), reader.history().size()));
    CHECK(bytes.substr(reader.consumed()).starts_with(reader.pending()));
  };
  for (std::size_t at = 0; at < bytes.size(); at += piece) {
    const std::string_view part = bytes.substr(at, piece);
    part.copy(reader.room(part.size()), part.size());
    reader.added(part.size());
    take();
    if (!read.places.ends_with(' ' + std::to_string(reader.consumed())))
      read.places += ' ' + std::to_string(reader.consumed());
  }
  reader.finish();
  take();
  return read;
}

std::string utf16(std::u16string_view text) {
  std::string bytes;
  for (const char16_t unit : text) {
    bytes += static_cast<char>(unit & 0xFF);
    bytes += static_cast<char>(unit >> 8);
  }
  return bytes;
}

}  // namespace

TEST_CASE("rows of other encodings are UTF-8, and places are those of the input") {
  for (const std::size_t piece : std::vector<std::size_t>{1, 2, 3, 7, 100}) {
    CHECK(read_all("a,M\xFCnchen\n1,\xB0\n", "latin1", piece).rows == "[a][München]|[1][°]|");
    CHECK(read_all("a,b\n\x83\x41,\x8A\xBF\n", "Shift_JIS", piece).rows == "[a][b]|[ア][漢]|");
    CHECK(read_all(utf16(u"\uFEFFa,\u00e4\n\U0001F600,1\n"), "", piece).rows == "[a][ä]|[😀][1]|");
    CHECK(read_all(utf16(u"a,\u00e4\n"), "UTF-16", piece).rows == "[a][ä]|");
    CHECK(read_all("\xEF\xBB\xBF"
                   "a,\u00e4\n",
                   "latin1", piece)
              .rows == "[a][ä]|");
  }
  CHECK(read_all(utf16(u"\uFEFFa,\u00e4\n\u4e00,1\n"), "", 1).places == " 0 2 10 18");
  CHECK(read_all("\xFC\n\xFC\xFC\n1", "latin1", 1).places == " 0 2 5");
}

TEST_CASE("a byte that the encoding does not have leaves a byte that is not UTF-8") {
  for (const std::size_t piece : std::vector<std::size_t>{1, 100}) {
    CHECK(read_all("a\n\xFFx\n1\n", "Shift_JIS", piece).rows == "[a]|[\xFFx]|[1]|");
    CHECK(read_all("a\n1\x83", "Shift_JIS", piece).rows == "[a]|[1\xFF]|");
    CHECK(read_all(utf16(u"\uFEFFa\n\xD800x\n"), "", piece).rows == "[a]|[\xFFx]|");
  }
}

TEST_CASE("long input: its beginning is let go of, and the places stay right") {
  std::string bytes;
  std::string rows;
  for (int i = 0; i < 20000; ++i) {
    bytes += std::to_string(i) + ",\xFC\n";
    rows += '[' + std::to_string(i) + "][ü]|";
  }
  CHECK(read_all(bytes, "latin1", 5000).rows == rows);
}

TEST_CASE("a reader goes on where another has stopped") {
  const std::string bytes = utf16(u"\uFEFFa,\u00e4\n\u4e00,1\n\u4e8c,2\n");
  DecodedReader first;
  bytes.copy(first.room(20), 20);
  first.added(20);
  while (first.next() != nullptr) continue;
  first.settle();
  CHECK(first.consumed() == 18);
  std::string saved;
  SnapshotWriter writer(saved);
  StateArchive save(writer);
  first.state(save);

  DecodedReader second;
  SnapshotReader reader(saved);
  StateArchive load(reader);
  second.state(load);
  CHECK(second.consumed() == 18);
  CHECK(second.history() == std::string_view(bytes).substr(0, 18));
  const std::string rest = bytes.substr(18);
  rest.copy(second.room(rest.size()), rest.size());
  second.added(rest.size());
  const Row* row = second.next();
  REQUIRE(row != nullptr);
  CHECK(row->cells[0] == "二");
  CHECK(row->line == 3);
  second.settle();
  CHECK(second.consumed() == bytes.size());
}

TEST_CASE("pending bytes that are dropped come again") {
  DecodedReader reader({}, "ISO-8859-1");
  const auto give = [&](std::string_view text) {
    text.copy(reader.room(text.size()), text.size());
    reader.added(text.size());
  };
  give("a\n\xFC");
  while (reader.next() != nullptr) continue;
  reader.settle();
  CHECK(reader.pending() == "\xFC");
  reader.drop_pending();
  give("\xE4\n");
  const Row* row = reader.next();
  REQUIRE(row != nullptr);
  CHECK(row->raw == "ä");
}

TEST_CASE("an encoding that iconv does not know") {
  CHECK_THROWS_AS(plain_encoding("nope"), std::invalid_argument);
  CHECK(plain_encoding("utf-8").empty());
  CHECK(plain_encoding("latin1") == "LATIN1");
}
