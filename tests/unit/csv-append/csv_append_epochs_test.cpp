#include "csv_append.hpp"

#include <stdlib.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <string>

#include "catch.hpp"
#include "folder.hpp"
#include "record/parser.hpp"
#include "saved_state.hpp"
#include "sink_host.hpp"
#include "state/epoch_file.hpp"

using namespace weir;
using namespace weir::csv_append;
namespace fs = std::filesystem;

namespace {

/// A folder with state and output, and runs in it that end as after a kill.
struct World {
  test::Folder folder;
  fs::path path = folder.path;
  std::optional<TestHost> host;
  std::optional<CsvAppend> sink;
  std::optional<RecordParser> parser;
  std::string snapshot;
  std::uint64_t epoch = 0;

  World() { start(); }

  void start() {
    sink.reset();
    host.emplace(path.string());
    sink.emplace(CsvAppend::Settings{.path = file()});
    parser.emplace(sink->fields());
    sink->start(*host);
  }
  /// A run that restores the last snapshot and carries it out.
  void start_again() {
    start();
    test::load_state(*sink, snapshot);
    commit();
  }
  void give(int from, int to) {
    for (int i = from; i <= to; ++i) {
      const Record* record = parser->parse_copy("{\"n\":" + std::to_string(i) + "}", 1);
      REQUIRE_FALSE(sink->on_record(*record).rejected());
      if (i % 50'000 == 0) sink->on_pause(InputFlow::more);
    }
    sink->on_pause(InputFlow::paused);
  }
  void save() {
    sink->seal();
    snapshot = test::saved_state(*sink);
    ++epoch;
  }
  /// An epoch of these rows, up to its snapshot.
  void end_epoch(int from, int to) {
    give(from, to);
    save();
  }
  void append(int from, int to) {
    end_epoch(from, to);
    commit();
  }
  void commit() {
    while (!sink->carry_out(epoch)) sink->wait({}, no_limit);
  }
  std::string file() const { return (path / "out.csv").string(); }
  fs::path rows() const { return path / ("rows-" + std::to_string(epoch)); }
};

std::string rows_of(int from, int to) {
  std::string rows = from == 1 ? "n\n" : "";
  for (int i = from; i <= to; ++i) rows += std::to_string(i) + '\n';
  return rows;
}

}  // namespace

TEST_CASE("rows come into the file when their epoch has ended, and only the last epoch's are kept beside it") {
  World world;
  world.give(1, 200'000);  // more than one write
  CHECK(test::content_of(world.file()).empty());
  world.save();
  CHECK(test::content_of(world.file()).empty());
  CHECK(test::content_of(world.rows()) == rows_of(1, 200'000).substr(2));
  world.commit();
  CHECK(test::content_of(world.file()) == rows_of(1, 200'000));
  const fs::path first = world.rows();
  world.append(200'001, 200'003);
  CHECK(test::content_of(world.file()) == rows_of(1, 200'003));
  CHECK_FALSE(fs::exists(first));
  CHECK(test::content_of(world.rows()) == rows_of(200'001, 200'003));
  world.save();  // no new rows
  world.commit();
  CHECK_FALSE(fs::exists(world.rows()));
  CHECK(test::content_of(world.file()) == rows_of(1, 200'003));
}

TEST_CASE("a start completes an unfinished epoch, wherever the last run ended") {
  World world;
  world.append(1, 3);
  world.end_epoch(4, 1000);
  const std::string before = rows_of(1, 3);
  const std::string whole = rows_of(1, 1000);
  for (const std::size_t there : {before.size(), before.size() + 1, whole.size() - 1, whole.size()}) {
    fs::resize_file(world.file(), 0);
    std::ofstream(world.file(), std::ios::binary | std::ios::in | std::ios::out) << whole.substr(0, there);
    world.start_again();
    CHECK(test::content_of(world.file()) == whole);
  }
  world.append(1001, 1001);
  CHECK(test::content_of(world.file()) == rows_of(1, 1001));
}

TEST_CASE("rows that are missing or damaged beside the snapshot are not used, and the file stays as it was") {
  World world;
  world.end_epoch(1, 10);
  const std::string rows = test::content_of(world.rows());
  SECTION("missing") { fs::remove(world.rows()); }
  SECTION("shorter") { fs::resize_file(world.rows(), rows.size() - 1); }
  SECTION("another digit") { std::ofstream(world.rows(), std::ios::binary) << "9" << rows.substr(1); }
  CHECK_THROWS_AS(world.start_again(), state::Unusable);
  CHECK(test::content_of(world.file()).empty());
}

TEST_CASE("the file may be renamed between an epoch's end and the start that completes it") {
  World world;
  world.end_epoch(1, 10);
  fs::rename(world.file(), world.file() + ".1");
  world.start_again();
  CHECK(test::content_of(world.file() + ".1") == rows_of(1, 10));
  world.append(11, 11);
  CHECK(test::content_of(world.file()) == "n\n11\n");
  CHECK(test::content_of(world.file() + ".1") == rows_of(1, 10));
}

TEST_CASE("writes and truncations by another program are detected") {
  World world;
  world.end_epoch(1, 10);
  SECTION("written") { std::ofstream(world.file()) << "n\n1\nx"; }
  SECTION("gone") { fs::remove(world.file()); }
  CHECK_THROWS_AS(world.start_again(), state::Unusable);
}

TEST_CASE("a file that has become shorter is not appended to") {
  World world;
  world.append(1, 10);
  world.end_epoch(11, 12);
  fs::resize_file(world.file(), 3);
  CHECK_THROWS_AS(world.commit(), state::Unusable);
}

TEST_CASE("a run that fails within an epoch leaves nothing of it") {
  World world;
  world.give(1, 200'000);
  CHECK(fs::exists(world.path / "rows-1"));
  world.sink.reset();
  CHECK_FALSE(fs::exists(world.path / "rows-1"));
  CHECK(test::content_of(world.file()).empty());
}

TEST_CASE("a field that comes later: the file gets its column with the epoch, wherever a run ends meanwhile") {
  World world;
  const auto give = [&](const std::string& line) {
    const Record* record = world.parser->parse_copy(line, 1);
    REQUIRE_FALSE(world.sink->on_record(*record).rejected());
  };
  // A table of another program: a byte order mark, and lines that end with CR LF.
  std::ofstream(world.file(), std::ios::binary) << "\xEF\xBB\xBFn\r\n1\r\n\"2\n2\"\r\n";
  const std::string before = test::content_of(world.file());
  world.give(3, 4);
  give(R"({"n":5,"m":"x"})");
  give(R"({"n":6})");
  give(R"({"o":7,"n":6})");
  CHECK(test::content_of(world.file()) == before);
  world.save();
  CHECK(test::content_of(world.file()) == before);
  const std::string whole = "\xEF\xBB\xBFn,m,o\r\n1,,\r\n\"2\n2\",,\r\n3,,\n4,,\n5,x,\n6,,\n6,,7\n";
  std::string path = world.file();
  SECTION("no run ends") { world.commit(); }
  SECTION("before it is carried out") { world.start_again(); }
  SECTION("after it is carried out") {
    world.commit();
    world.start_again();
  }
  SECTION("between the new file and its rows") {
    fs::rename(world.file() + ".wider", world.file());
    world.start_again();
  }
  SECTION("before it is carried out, and the file has another name") {
    fs::rename(world.file(), world.file() + ".1");
    world.start_again();
    path += ".1";
    CHECK_FALSE(fs::exists(world.file()));
  }
  CHECK(test::content_of(path) == whole);
  CHECK_FALSE(fs::exists(world.file() + ".wider"));
  give(R"({"n":8})");
  world.save();
  world.commit();
  CHECK(test::content_of(world.file()) == (path == world.file() ? whole + "8,,\n" : "n,m,o\n8,,\n"));
}

TEST_CASE("a file that cannot get a column: the record is rejected, and its epoch goes on") {
  World world;
  std::ofstream(world.file()) << "n\n1\n\"2\"x\n";
  world.give(3, 3);
  const Record* record = world.parser->parse_copy(R"({"n":4,"m":5})", 1);
  CHECK(world.sink->on_record(*record).reason() == "the file has bytes that are not a row, and can get no columns");
  world.save();
  world.commit();
  CHECK(test::content_of(world.file()) == "n\n1\n\"2\"x\n3\n");
}
