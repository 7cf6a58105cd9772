#include "csv_append.hpp"

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "catch.hpp"
#include "folder.hpp"
#include "record/parser.hpp"
#include "sink_host.hpp"

using namespace weir;
using namespace weir::csv_append;

namespace {

/// A folder with one CSV file.
struct Folder : test::Folder {
  using test::Folder::file;
  std::string file() const { return file("f.csv"); }
};

/// A sink on a file; give() takes lines and returns the reason of a reject.
struct Appending {
  explicit Appending(const std::string& path, std::vector<std::string> columns = {}, const std::string& delimiter = ",")
      : sink({.path = path, .delimiter = delimiter, .columns = std::move(columns), .fsync = Fsync::none}),
        parser(sink.fields()) {
    sink.start(host);
  }
  std::string give(const std::string& line) {
    const Record* record = parser.parse_copy(line, 1);
    REQUIRE(record != nullptr);
    return sink.on_record(*record).reason();
  }

  std::string warning() const { return host.kept.messages.empty() ? "" : host.kept.messages.front(); }

  TestHost host;
  CsvAppend sink;
  RecordParser parser;
};

}  // namespace

TEST_CASE("values become cells: strings unescaped, numbers digit for digit, null as nothing") {
  const Folder folder;
  Appending to(folder.file());
  CHECK(to.give(R"({"s":"a, \"b\"\n\u00e9","n":1.50,"big":12345678901234567890,"t":true,"z":null,"e":""})").empty());
  CHECK(to.give(R"({"e":"x","t":false,"s":"plain"})").empty());
  CHECK(to.sink.finish());
  CHECK(test::content_of(folder.file()) ==
        "s,n,big,t,z,e\n\"a, \"\"b\"\"\n\u00e9\",1.50,12345678901234567890,true,,\"\"\nplain,,,false,,x\n");
}

TEST_CASE("nested values are their JSON text") {
  const Folder folder;
  Appending to(folder.file());
  CHECK(to.give(R"({"a":{"x":1},"b":[1, 2]})").empty());
  CHECK(to.sink.finish());
  CHECK(test::content_of(folder.file()) == "a,b\n\"{\"\"x\"\":1}\",\"[1, 2]\"\n");
}

TEST_CASE("with --columns a field that is not a column is a reject and leaves no trace") {
  const Folder folder;
  Appending to(folder.file(), {"a", "b"});
  CHECK(to.give(R"({"a":1,"b":2})").empty());
  CHECK(
      to.give(R"({"a":1,"c":2})") ==
      "the field 'c' is not in the header (--columns fixes it from the start, --ignore-extra leaves such fields out)");
  CHECK(to.give(R"({"a":1,"a":3})").empty());
  CHECK(to.give("{}").empty());
  CHECK(to.sink.finish());
  CHECK(test::content_of(folder.file()) == "a,b\n1,2\n3,\n,\n");
}

TEST_CASE("later fields become the last columns; rows before them get empty cells and keep their line ends") {
  const Folder folder;
  test::write_content(folder.file(), "b,a\r\n\"x\n1\",2\r\n3,4");
  Appending to(folder.file());
  CHECK(to.give(R"({"a":5,"c":"y,z"})").empty());
  CHECK(to.give(R"({"d":{},"b":6,"e":null})").empty());
  CHECK(to.give("{}").empty());
  to.sink.on_pause(InputFlow::paused);
  CHECK(to.give(R"({"a":7,"f":8,"@ctl":9})") == "the field '@ctl' is kept for control lines and cannot be a column");
  CHECK(to.give(R"({"":7})") == "the name of a field cannot be that of a column");
  CHECK(to.give(R"({"a":7,"f":8})").empty());
  CHECK(to.sink.finish());
  CHECK(test::content_of(folder.file()) ==
        "b,a,c,d,e,f\r\n\"x\n1\",2,,,,\r\n3,4,,,,\n,5,\"y,z\",,,\n6,,,{},,\n,,,,,\n,7,,,,8\n");
  CHECK_FALSE(std::filesystem::exists(folder.file("f.csv.tmp")));
}

TEST_CASE("a record without fields names no columns; there is a limit to those that others name") {
  const Folder folder;
  TestHost host;
  CsvAppend sink({.path = folder.file(), .max_columns = 2, .fsync = Fsync::none});
  RecordParser parser(sink.fields());
  sink.start(host);
  const auto give = [&](const char* line) { return sink.on_record(*parser.parse_copy(line, 1)).reason(); };
  CHECK(give("{}") == "a record without fields cannot name the columns");
  CHECK(give(R"({"a":1})").empty());
  CHECK(give(R"({"b":1,"c":1})") == "its fields would be more columns than --max-columns");
  CHECK(give(R"({"b":2})").empty());
  CHECK(sink.finish());
  CHECK(test::content_of(folder.file()) == "a,b\n1,\n,2\n");
}

TEST_CASE("two writers widen one file") {
  const Folder folder;
  Appending one(folder.file());
  CHECK(one.give(R"({"a":1})").empty());
  one.sink.on_pause(InputFlow::paused);
  Appending two(folder.file());
  CHECK(two.give(R"({"a":2,"b":3})").empty());
  two.sink.on_pause(InputFlow::paused);
  CHECK(one.give(R"({"a":4})").empty());
  one.sink.on_pause(InputFlow::paused);  // into the wider file
  CHECK(two.give(R"({"c":5})").empty());
  two.sink.on_pause(InputFlow::paused);
  CHECK(one.give(R"({"d":6,"b":7})").empty());
  CHECK(one.sink.finish());
  CHECK(two.sink.finish());
  CHECK(test::content_of(folder.file()) == "a,b,c,d\n1,,,\n2,3,,\n4,,,\n,,5,\n,7,,6\n");
}

TEST_CASE("a file with bytes that are not a row stays as it is") {
  const Folder folder;
  test::write_content(folder.file(), "a\nx\"y\n");
  Appending to(folder.file());
  CHECK(to.give(R"({"b":1})") == "the file has bytes that are not a row, and can get no columns");
  CHECK(to.give(R"({"a":1})").empty());
  CHECK(to.sink.finish());
  CHECK(test::content_of(folder.file()) == "a\nx\"y\n1\n");
}

TEST_CASE("one column: an empty cell is not a blank line") {
  const Folder folder;
  Appending to(folder.file());
  CHECK(to.give(R"({"a":1})").empty());
  CHECK(to.give(R"({"a":null})").empty());
  CHECK(to.sink.finish());
  CHECK(test::content_of(folder.file()) == "a\n1\n\"\"\n");
}

TEST_CASE("a file's own header counts, in its order and with its quotes") {
  const Folder folder;
  test::write_content(folder.file(), "\xEF\xBB\xBF\"b,1\",a\r\n1,2\r\n");
  Appending to(folder.file());
  CHECK(to.give(R"({"a":3,"b,1":4})").empty());
  CHECK(to.sink.finish());
  CHECK(test::content_of(folder.file()) == "\xEF\xBB\xBF\"b,1\",a\r\n1,2\r\n4,3\n");
}

TEST_CASE("columns that are asked for: written at once, and the file must have them") {
  const Folder folder;
  Appending to(folder.file(), {"b", "a"}, ";");
  CHECK(test::content_of(folder.file()) == "b;a\n");
  CHECK(to.give(R"({"a":1,"b":"x;y,z"})").empty());
  CHECK(to.sink.finish());
  CHECK(test::content_of(folder.file()) == "b;a\n\"x;y,z\";1\n");
  CHECK_THROWS_WITH(Appending(folder.file(), {"a", "b"}, ";"), contains_text("has the columns b,a, not a,b"));
}

TEST_CASE("rows are written at once when input pauses") {
  const Folder folder;
  Appending to(folder.file());
  CHECK(to.give(R"({"a":1})").empty());
  CHECK(test::content_of(folder.file()) == "a\n");  // the columns are fixed, so that another writer sees them
  to.sink.on_pause(InputFlow::more);
  CHECK(test::content_of(folder.file()) == "a\n");
  to.sink.on_pause(InputFlow::paused);
  CHECK(test::content_of(folder.file()) == "a\n1\n");
}

TEST_CASE("renamed away: the next rows go to a new file with the header") {
  const Folder folder;
  Appending to(folder.file());
  CHECK(to.give(R"({"a":1})").empty());
  to.sink.on_pause(InputFlow::paused);
  std::filesystem::rename(folder.file(), folder.file("f.csv.1"));
  CHECK(to.give(R"({"a":2})").empty());
  to.sink.on_pause(InputFlow::paused);
  test::write_content(folder.file("new"), "b\n");
  std::filesystem::rename(folder.file("new"), folder.file());
  CHECK(to.give(R"({"a":3})").empty());
  CHECK_THROWS_WITH(to.sink.on_pause(InputFlow::paused), contains_text("replaced by a file with other columns"));
  CHECK(test::content_of(folder.file("f.csv.1")) == "a\n1\n");
  CHECK(test::content_of(folder.file()) == "b\n");
}

TEST_CASE("truncated under the writer: the header comes again") {
  const Folder folder;
  Appending to(folder.file());
  CHECK(to.give(R"({"a":1})").empty());
  to.sink.on_pause(InputFlow::paused);
  std::filesystem::resize_file(folder.file(), 0);
  CHECK(to.give(R"({"a":2})").empty());
  CHECK(to.sink.finish());
  CHECK(test::content_of(folder.file()) == "a\n2\n");
}

TEST_CASE("a last row without its line end gets one when it is whole") {
  const Folder folder;
  test::write_content(folder.file(), "a,b\n1,2");
  Appending to(folder.file());
  CHECK(to.warning().find("did not end with a line end") != std::string::npos);
  CHECK(to.give(R"({"a":3})").empty());
  CHECK(to.sink.finish());
  CHECK(test::content_of(folder.file()) == "a,b\n1,2\n3,\n");
}

TEST_CASE("the beginning of a row is cut off, and shown") {
  for (const std::string torn : {"7", "7,\"x\ny", "\"", "7,8,9"}) {
    const Folder folder;
    test::write_content(folder.file(), "a,b\n\"1\n\",2\n" + torn);
    Appending to(folder.file());
    CHECK(to.warning().find("cut off: " + torn) != std::string::npos);
    CHECK(test::content_of(folder.file()) == "a,b\n\"1\n\",2\n");
  }
}

TEST_CASE("a row that ends with a page is taken for torn, as a killed write stops there") {
  const Folder folder;
  const auto page = static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
  std::string text = "a,b\n";
  while (text.size() < page - 6) text += "1,2\n";
  const std::string whole = text;
  text += "3," + std::string(page - text.size() - 2, '4');
  test::write_content(folder.file(), text);
  Appending to(folder.file());
  CHECK(test::content_of(folder.file()) == whole);
}

TEST_CASE("a file whose header is torn or wrong") {
  const Folder folder;
  test::write_content(folder.file(), "a,b");
  Appending to(folder.file());
  CHECK(to.give(R"({"b":1})").empty());
  CHECK(to.sink.finish());
  CHECK(test::content_of(folder.file()) == "a,b\n,1\n");
  test::write_content(folder.file(), "a\"b,c\n");
  CHECK_THROWS_WITH(Appending(folder.file()), contains_text("the header row"));
}
