#include <fstream>
#include <string>

#include "catch.hpp"
#include "followed.hpp"
#include "read_files.hpp"
#include "state/epoch_file.hpp"

using namespace weir;
using namespace weir::csv_tail;

namespace {

/// `{"a":FROM}` to `{"a":TO}`.
std::string numbers(int from, int to) {
  std::string lines;
  for (int i = from; i <= to; ++i) lines += "{\"a\":" + std::to_string(i) + "}\n";
  return lines;
}

std::string rows(int from, int to) {
  std::string text = "a\n";
  for (int i = from; i <= to; ++i) text += std::to_string(i) + "\n";
  return text;
}

/// The output of one run of ReadFiles with --state, and its state afterwards.
std::string read_once(const std::vector<std::string>& files, std::string& state, std::string& logged,
                      Gap gap = Gap::refused, const RowSettings& settings = {}) {
  test::KeptHost host("state");
  ReadFiles source(settings, files, gap);
  source.start(host);
  if (state.empty()) {
    source.begin();
  } else {
    test::load_at(source, 1, state);
  }
  Output out;
  for (auto step = source.next(out); step != AnySource::Step::end; step = source.next(out))
    if (step == AnySource::Step::idle) source.wait({}, no_limit);
  state = test::saved_at(source, 2);
  logged += host.logged;
  return out.lines;
}

}  // namespace

TEST_CASE("stopped: a run continues after the last whole row, also within quotes and an incomplete row") {
  const std::string text = "a,b\n1,\"x\ny\"\n\n2,\"\"\"\"\r\n3,z\n";
  Followed whole(text);
  const std::string expected = whole.read();
  for (std::size_t first = 0; first <= text.size(); ++first) {
    Followed file;
    file.write(text.substr(0, first));
    std::string got = file.read();
    const std::string state = file.stop();
    file.write(text.substr(first));
    file.go_on(state);
    got += file.read();
    CHECK(got == expected);
  }
}

TEST_CASE("stopped: the file is renamed once, twice, many times") {
  for (const int rotations : {1, 2, 30}) {
    Followed file(rows(1, 2));
    CHECK(file.read() == numbers(1, 2));
    const std::string state = file.stop();
    file.write("3\n");
    for (int i = 1; i <= rotations; ++i) {
      for (int k = i; k >= 2; --k) file.rename("f.csv." + std::to_string(k - 1), "f.csv." + std::to_string(k));
      file.rename("f.csv", "f.csv.1");
      file.write(rows(3 + i, 3 + i));
    }
    file.go_on(state);
    CHECK(file.read() == numbers(3, 3 + rotations));
    CHECK(file.host.logged.empty());
  }
}

TEST_CASE("stopped before any row was read: files that came and went are not copies, though they begin alike") {
  Followed file("a\n");
  CHECK(file.read().empty());
  const std::string state = file.stop();
  file.rename("f.csv", "f.csv.2");
  file.write(rows(1, 2), "f.csv.1");
  file.write(rows(3, 3));
  file.go_on(state);
  CHECK(file.read() == numbers(1, 3));
}

TEST_CASE("stopped: renamed to any name; files that begin alike are not touched") {
  Followed file(rows(1, 2));
  CHECK(file.read() == numbers(1, 2));
  const std::string state = file.stop();
  file.write("3\n");
  file.write(rows(1, 3), "f.csv.bak");  // a copy made by hand
  file.rename("f.csv", "old-20260101");
  file.write(rows(4, 4));
  file.go_on(state);
  CHECK(file.read() == numbers(3, 4));
}

TEST_CASE("stopped: a copy made by hand is not another file") {
  Followed file(rows(1, 2));
  CHECK(file.read() == numbers(1, 2));
  const std::string state = file.stop();
  file.write("3\n");
  file.write(rows(1, 3), "f.csv.bak");
  file.go_on(state);
  CHECK(file.read() == numbers(3, 3));
}

TEST_CASE("stopped: the inode is another file's now") {
  Followed file(rows(1, 2));
  CHECK(file.read() == numbers(1, 2));
  const std::string state = file.stop();
  file.remove("f.csv");
  file.write(rows(1, 5));  // on ext4 with the same inode
  CHECK_THROWS_AS(file.go_on(state), state::Unusable);
  file.go_on(state, Gap::allowed);
  CHECK(file.host.logged.find("is gone") != std::string::npos);
  CHECK(file.read() == numbers(1, 5));
}

TEST_CASE("stopped: copied and truncated: read from its beginning, and reported; the copy is left alone") {
  Followed file(rows(1, 2));
  CHECK(file.read() == numbers(1, 2));
  const std::string state = file.stop();
  file.write("3\n");
  file.write(rows(1, 3), "f.csv.1");
  file.resize(0);
  file.write(rows(4, 9));
  file.go_on(state);
  CHECK(file.read() == numbers(4, 9));
  CHECK(file.host.logged.find("truncated or rewritten while nobody read it") != std::string::npos);
}

TEST_CASE("stopped: truncated, and grown or not: read from its beginning, and reported") {
  for (const int last : {3, 4, 40}) {
    Followed file("a\n11\n12\n");
    CHECK(file.read() == numbers(11, 12));
    const std::string state = file.stop();
    file.resize(0);
    file.write(rows(3, last));
    file.go_on(state);
    CHECK(file.read() == numbers(3, last));
    CHECK(file.host.logged.find("truncated or rewritten") != std::string::npos);
  }
}

TEST_CASE("stopped: truncated and grown past the place reached, with the same beginning") {
  std::string begin = "a\n";
  for (int i = 0; i < 200; ++i) begin += "1000000\n";
  Followed file(begin + "2\n");
  file.read();
  const std::string state = file.stop();
  file.resize(begin.size());
  file.write("3\n4\n");
  file.go_on(state);
  const std::string got = file.read();
  CHECK(got.ends_with(numbers(3, 4)));
  CHECK(std::count(got.begin(), got.end(), '\n') == 202);
  CHECK(file.host.logged.find("truncated or rewritten") != std::string::npos);
}

TEST_CASE("stopped: compressed meanwhile") {
  SECTION("the file that was being read") {
    Followed file(rows(1, 2));
    file.read();
    const std::string state = file.stop();
    file.remove("f.csv");
    file.write("packed", "f.csv.1.gz");
    file.write(rows(3, 3));
    CHECK_THROWS_AS(file.go_on(state), state::Unusable);
    file.go_on(state, Gap::allowed);
    CHECK(file.read() == numbers(3, 3));
  }
  SECTION("a file that was never seen") {
    Followed file(rows(1, 2));
    file.read();
    const std::string state = file.stop();
    file.rename("f.csv", "f.csv.2");
    file.write("packed", "f.csv.1.gz");
    file.write(rows(5, 5));
    CHECK_THROWS_AS(file.go_on(state), state::Unusable);
    file.go_on(state, Gap::allowed);
    CHECK(file.read() == numbers(5, 5));
    CHECK(file.host.logged.find("its rows are lost") != std::string::npos);
  }
  SECTION("one that had been read long before") {
    Followed file(rows(1, 2));
    file.read();
    const std::string state = file.stop();
    file.rename("f.csv", "f.csv.1");
    file.write("packed", "f.csv.2.gz");
    const std::filesystem::path folder = std::filesystem::path(file.path).parent_path();
    std::filesystem::last_write_time(folder / "f.csv.2.gz",
                                     std::filesystem::file_time_type::clock::now() - std::chrono::hours(1));
    file.write(rows(3, 3));
    file.go_on(state);
    CHECK(file.read() == numbers(3, 3));
  }
}

TEST_CASE("from the end: where the first run began is a position as any other") {
  Followed file("a\n1\n2\n3", StartAt::end);
  CHECK(file.read().empty());
  file.begin_first_run();
  const std::string state = file.stop();
  file.write("4\n5\n");
  file.go_on(state);
  CHECK(file.read() == numbers(34, 34) + numbers(5, 5));
  file.rename("f.csv", "f.csv.1");
  file.write(rows(6, 6));
  for (int run = 0; run < 2; ++run) {
    file.go_on(state);
    CHECK(file.read() == numbers(34, 34) + numbers(5, 6));
  }
}

TEST_CASE("from the end of a file that is not there yet: it is read whole when it comes") {
  Followed file({}, StartAt::end);
  file.begin_first_run();
  CHECK(file.read().empty());
  const std::string state = file.stop();
  file.write(rows(1, 2));
  file.go_on(state);
  CHECK(file.read() == numbers(1, 2));
}

TEST_CASE("files read run after run: added rows, an incomplete row later, and a renamed file first") {
  const Followed folder(rows(1, 2));
  const std::string other = folder.path + "-b";
  std::ofstream(other) << "a\n10\n1";
  std::string state;
  std::string logged;
  const std::vector<std::string> files{folder.path, other};
  CHECK(read_once(files, state, logged) == numbers(1, 2) + numbers(10, 10));
  CHECK(logged.find("ends within a row") != std::string::npos);
  logged.clear();
  CHECK(read_once(files, state, logged).empty());
  folder.write("3\n");
  std::ofstream(other, std::ios::app) << "1\n12\n";
  logged.clear();
  CHECK(read_once(files, state, logged) == numbers(3, 3) + numbers(11, 12));
  folder.write("4\n");
  folder.rename("f.csv", "f.csv.1");
  folder.write(rows(5, 6));
  folder.rename("f.csv", "f.csv.0");
  folder.write(rows(7, 7));
  CHECK(read_once(files, state, logged) == numbers(4, 7));
  CHECK(read_once(files, state, logged).empty());
  CHECK(logged.empty());
  folder.resize(0);
  folder.write(rows(71, 71));
  CHECK(read_once(files, state, logged) == numbers(71, 71));
  CHECK(logged.find("truncated or rewritten") != std::string::npos);
  folder.remove("f.csv");
  folder.write(rows(8, 8));
  const std::string before = state;
  CHECK_THROWS_AS(read_once(files, state, logged), state::Unusable);
  state = before;
  CHECK(read_once(files, state, logged, Gap::allowed) == numbers(8, 8));
}

TEST_CASE("files read run after run: the order of each key goes on") {
  const RowSettings settings{.time_columns = {"t"}, .time = {.zone = "Europe/Berlin"}, .by = {"m"}};
  const Followed folder("t,m\n2026-10-25 02:00,a\n");
  std::string state;
  std::string logged;
  CHECK(read_once({folder.path}, state, logged, Gap::refused, settings) ==
        "{\"t\":\"2026-10-25T00:00:00Z\",\"m\":\"a\"}\n");
  folder.write("2026-10-25 02:00,a\n");
  CHECK(read_once({folder.path}, state, logged, Gap::refused, settings) ==
        "{\"t\":\"2026-10-25T01:00:00Z\",\"m\":\"a\"}\n");
}

TEST_CASE("the file is written anew with more columns: no row comes twice, and none is left out") {
  Followed file("a,b\n1,\"x\ny\"\n2,\n");
  file.read();
  const auto widen = [&file](const std::string& rows) {
    file.write("a,b,c\n1,\"x\ny\",\n2,,\n" + rows, "f.csv.tmp");
    file.rename("f.csv.tmp", "f.csv");
  };
  const std::string third = "{\"a\":3,\"b\":4,\"c\":5}\n";
  SECTION("while it is followed") {
    file.write("9,9\n");
    file.write("a,b,c\n1,\"x\ny\",\n2,,\n9,9,\n3,4,5\n", "f.csv.tmp");
    file.rename("f.csv.tmp", "f.csv");
    CHECK(file.read() == "{\"a\":9,\"b\":9}\n" + third);
    CHECK(file.host.logged.find("written anew with more columns: reading goes on after row 3") != std::string::npos);
  }
  SECTION("while nobody reads it") {
    std::string state = file.stop();
    file.write("9,9\n");
    widen("9,9,\n3,4,5\n");
    file.go_on(state);
    CHECK(file.read() == "{\"a\":9,\"b\":9,\"c\":null}\n" + third);
    state = file.stop();
    file.write("6,7,8\n");
    file.go_on(state);
    CHECK(file.read() == "{\"a\":6,\"b\":7,\"c\":8}\n");
  }
  SECTION("while nobody reads it, twice, and renamed then") {
    const std::string state = file.stop();
    widen("3,4,5\n");
    file.write("a,b,c,d\n1,\"x\ny\",,\n2,,,\n3,4,5,\n", "f.csv.tmp");
    file.rename("f.csv.tmp", "f.csv");
    file.rename("f.csv", "f.csv.1");
    file.write("a,b,c,d\n6,7,8,9\n");
    file.go_on(state);
    CHECK(file.read() == "{\"a\":3,\"b\":4,\"c\":5,\"d\":null}\n{\"a\":6,\"b\":7,\"c\":8,\"d\":9}\n");
  }
  SECTION("once a day") {
    std::string state;
    std::string logged;
    CHECK(read_once({file.path}, state, logged) == "{\"a\":1,\"b\":\"x\\ny\"}\n{\"a\":2,\"b\":null}\n");
    widen("3,4,5\n");
    CHECK(read_once({file.path}, state, logged) == third);
    CHECK(read_once({file.path}, state, logged).empty());
  }
  SECTION("with other rows: that is another file") {
    const std::string state = file.stop();
    file.remove("f.csv");
    file.write("a,b,c\n1,\"x\ny\",\n3,,\n");
    CHECK_THROWS_AS(file.go_on(state), state::Unusable);
  }
  SECTION("with fewer rows than were read") {
    const std::string state = file.stop();
    file.remove("f.csv");
    file.write("a,b,c\n1,\"x\ny\",\n");
    CHECK_THROWS_AS(file.go_on(state), state::Unusable);
  }
}
