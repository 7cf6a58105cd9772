#include "followed.hpp"

#include <string>

#include "catch.hpp"

using namespace weir;
using namespace weir::csv_tail;

TEST_CASE("a growing file: whole rows only") {
  Followed file("a,b\n1,2\n3,");
  CHECK(file.read() == "{\"a\":1,\"b\":2}\n");
  file.write("4");
  CHECK(file.read().empty());
  file.write("5\n\"x\n");
  CHECK(file.read() == "{\"a\":3,\"b\":45}\n");
  file.write("y\",6\n");
  CHECK(file.read() == "{\"a\":\"x\\ny\",\"b\":6}\n");
}

TEST_CASE("from the end: existing rows are skipped, an incomplete last row is read") {
  Followed file("a\n1\n2\n3", StartAt::end);
  CHECK(file.read().empty());
  file.write("4\n5\n");
  CHECK(file.read() == "{\"a\":34}\n{\"a\":5}\n");
  file.rename("f.csv", "f.csv.1");
  file.write("a\n6\n");
  CHECK(file.read() == "{\"a\":6}\n");
}

TEST_CASE("a file that comes late") {
  Followed file;
  CHECK(file.read().empty());
  CHECK(file.host.logged == "waiting for " + file.path + " to appear\n");
  file.write("a\n1\n");
  CHECK(file.read() == "{\"a\":1}\n");
}

TEST_CASE("renamed away: the old file is read to its end first, the new one has its own header") {
  Followed file("a\n1\n");
  CHECK(file.read() == "{\"a\":1}\n");
  file.write("2\n");
  file.rename("f.csv", "f.csv.1");
  file.write("b\n4\n");
  file.write("3\n", "f.csv.1");
  CHECK(file.read() == "{\"a\":2}\n{\"a\":3}\n{\"b\":4}\n");
  // A writer that notices a rotation late.
  file.write("5\n", "f.csv.1");
  CHECK(file.read() == "{\"a\":5}\n");
  file.write("6\n");
  CHECK(file.read() == "{\"b\":6}\n");
}

TEST_CASE("several rotations while nobody looks: each file by its renames, in order") {
  Followed file("a\n1\n");
  CHECK(file.read() == "{\"a\":1}\n");
  file.rename("f.csv", "f.csv.1");
  for (int i = 2; i < 6; ++i) {
    file.write("a\n" + std::to_string(i) + "\n");
    file.rename("f.csv.1", "f.csv." + std::to_string(100 - i));
    file.rename("f.csv", "f.csv.1");
  }
  file.write("a\n6\n");
  CHECK(file.read() == "{\"a\":2}\n{\"a\":3}\n{\"a\":4}\n{\"a\":5}\n{\"a\":6}\n");
  CHECK(file.host.logged.empty());
}

TEST_CASE("a file that came and went before it could be opened is reported") {
  Followed file("a\n1\n");
  CHECK(file.read() == "{\"a\":1}\n");
  file.rename("f.csv", "f.csv.1");
  file.write("a\n2\n");
  file.remove("f.csv");
  file.write("a\n3\n");
  CHECK(file.read() == "{\"a\":3}\n");
  CHECK(file.host.logged ==
        "a file that was at " + file.path + " went away before it could be opened; its rows are lost\n");
}

TEST_CASE("truncated: read from the beginning, with its header") {
  Followed file("a\n1\n2\n");
  CHECK(file.read() == "{\"a\":1}\n{\"a\":2}\n");
  file.resize(0);
  file.write("b\n3\n");
  CHECK(file.read() == "{\"b\":3}\n");
  CHECK(file.host.logged.find("truncated") != std::string::npos);
}

TEST_CASE("truncated, then grown past the place reached, or to the same size") {
  Followed file("a\n1\n2\n");
  CHECK(file.read() == "{\"a\":1}\n{\"a\":2}\n");
  file.resize(0);
  file.write("b\n3\n4\n5\n6\n");
  CHECK(file.read() == "{\"b\":3}\n{\"b\":4}\n{\"b\":5}\n{\"b\":6}\n");
  file.resize(0);
  file.write("c\n3\n4\n5\n7\n");
  CHECK(file.read() == "{\"c\":3}\n{\"c\":4}\n{\"c\":5}\n{\"c\":7}\n");
}

TEST_CASE("a writer that removes its incomplete row has not truncated the file") {
  Followed file("a,b\n1,2\n3,44");
  CHECK(file.read() == "{\"a\":1,\"b\":2}\n");
  file.resize(8);
  CHECK(file.read().empty());
  file.write("5,6\n");
  CHECK(file.read() == "{\"a\":5,\"b\":6}\n");
  CHECK(file.host.logged.empty());
}

TEST_CASE("the file is removed without a successor: later writes to it count") {
  Followed file("a\n1\n");
  CHECK(file.read() == "{\"a\":1}\n");
  file.rename("f.csv", "f.csv.1");
  file.write("2\n", "f.csv.1");
  CHECK(file.read() == "{\"a\":2}\n");
}

TEST_CASE("renamed away and back: nothing twice") {
  Followed file("a\n1\n");
  CHECK(file.read() == "{\"a\":1}\n");
  file.rename("f.csv", "aside");
  CHECK(file.read().empty());
  file.rename("aside", "f.csv");
  file.write("2\n");
  CHECK(file.read() == "{\"a\":2}\n");
}

TEST_CASE("a line without end is rejected at the limit, and following continues") {
  Followed file("a\n1\n");
  CHECK(file.read() == "{\"a\":1}\n");
  file.write(std::string(3 << 20, 'x'));
  CHECK(file.read().empty());
  file.write("y\n2\n");
  CHECK(file.read() == "{\"a\":2}\n");
  CHECK(file.host.rejected.size() == 1);
}

TEST_CASE("a quote that is never closed: its line is rejected at the limit, and later rows are read") {
  Followed file("a\n\"1\n");
  CHECK(file.read().empty());
  std::string rows;
  for (int i = 0; i < 200000; ++i) rows += "1234567\n";
  file.write(rows);
  const std::string lines = file.read();
  CHECK(std::count(lines.begin(), lines.end(), '\n') == 200000);
  CHECK(file.host.rejected == std::vector<std::string>{"\"1"});
}
