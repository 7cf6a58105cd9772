#include "lake_load.hpp"

#include <filesystem>
#include <set>
#include <stdexcept>
#include <string>

#include "catch.hpp"
#include "folder.hpp"
#include "parsed.hpp"
#include "sink_host.hpp"

using namespace weir;
using namespace weir::lake_load;

namespace {

LakeLoad::Settings settings_of(const std::string& table) {
  LakeLoad::Settings settings;
  settings.files.table = table;
  settings.files.format = Format::ndjson;
  settings.partition = "k={k}";
  settings.files.roll_rows = 2;
  return settings;
}

/// A sink with checkpoints that has begun.
struct Started {
  explicit Started(const LakeLoad::Settings& settings)
      : host(settings.files.table), sink(settings), parser(sink.fields()) {
    sink.start(host);
    epoch = sink.fence(*host.run);
  }
  void take(std::string_view line) { REQUIRE_FALSE(sink.on_record(test::parsed(parser, line)).rejected()); }
  TestHost host;
  LakeLoad sink;
  RecordParser parser;
  std::uint64_t epoch = 0;
};

/// The visible files of a table with their content, in order.
std::string visible(const std::string& table) {
  std::set<std::string> files;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(table))
    if (entry.path().extension() == ".ndjson") files.insert(entry.path().string());
  std::string text;
  for (const std::string& file : files) text += file.substr(table.size() + 1) + ": " + test::content_of(file);
  return text;
}

constexpr const char* first = R"({"k":"a","n":1})";
constexpr const char* second = R"({"k":"a","n":2})";

}  // namespace

TEST_CASE("rows wait until their file is full, from epoch to epoch") {
  const test::Folder folder;
  {
    Started run(settings_of(folder.path));
    run.take(first);
    CHECK(run.sink.commit(1));
    CHECK(visible(folder.path).empty());
  }
  Started run(settings_of(folder.path));
  CHECK(run.epoch == 1);
  run.take(second);
  CHECK(visible(folder.path).empty());
  CHECK(run.sink.commit(2));
  CHECK(visible(folder.path) == "k=a/part-pipe-0000000001.ndjson: {\"k\":\"a\",\"n\":1}\n{\"k\":\"a\",\"n\":2}\n");
}

TEST_CASE("what was not committed is gone in the next run") {
  const test::Folder folder;
  {
    Started run(settings_of(folder.path));
    run.take(first);
    CHECK(run.sink.commit(1));
    run.take(second);
    run.take(R"({"k":"b","n":3})");
  }
  Started run(settings_of(folder.path));
  CHECK(run.epoch == 1);
  run.take(second);
  run.sink.on_end();
  CHECK(run.sink.commit(2));
  CHECK(visible(folder.path) == "k=a/part-pipe-0000000001.ndjson: {\"k\":\"a\",\"n\":1}\n{\"k\":\"a\",\"n\":2}\n");
}

TEST_CASE("a file that was committed and not renamed becomes visible in the next run") {
  const test::Folder folder;
  const std::string made = folder.file("_weir/pipe/lines-0000000001");
  {
    Started run(settings_of(folder.path));
    run.take(first);
    run.take(second);
    CHECK(run.sink.commit(1));
  }
  const std::string whole = visible(folder.path);
  std::filesystem::rename(folder.file("k=a/part-pipe-0000000001.ndjson"), made);  // as a kill would leave it
  CHECK(Started(settings_of(folder.path)).epoch == 1);
  CHECK(visible(folder.path) == whole);
}

TEST_CASE("a watermark ends the files of times that are over, in the order in which they began") {
  const test::Folder folder;
  LakeLoad::Settings settings = settings_of(folder.path);
  settings.partition = "h={ts:%H}";
  settings.files.roll_rows = 100;
  Started run(settings);
  run.take(R"({"ts":"2026-01-01T01:00:00Z"})");
  run.take(R"({"ts":"2026-01-01T00:00:00Z"})");
  run.take(R"({"ts":"2026-01-01T02:00:00Z"})");
  run.sink.on_watermark(*TimeParser().parse("2026-01-01T01:59:59Z"));
  run.sink.commit(1);
  CHECK(visible(folder.path).find("h=00/part-pipe-0000000002") == 0);
  run.sink.on_watermark(*TimeParser().parse("2026-01-01T02:00:00Z"));
  run.sink.commit(2);
  CHECK(visible(folder.path).find("h=01/part-pipe-0000000001") != std::string::npos);
  CHECK(visible(folder.path).find("h=02") == std::string::npos);
}

TEST_CASE("of too many files the one that was not used for longest ends, and is counted") {
  const test::Folder folder;
  LakeLoad::Settings settings = settings_of(folder.path);
  settings.files.roll_rows = 100;
  settings.files.max_open = 2;
  Started run(settings);
  run.take(R"({"k":"a"})");
  run.take(R"({"k":"b"})");
  run.take(R"({"k":"a"})");
  run.take(R"({"k":"c"})");
  run.sink.commit(1);
  CHECK(visible(folder.path) == "k=b/part-pipe-0000000002.ndjson: {\"k\":\"b\"}\n");
  CHECK(run.sink.counts().text().find("1 file ended early") != std::string::npos);
}

TEST_CASE("a writer's folder has one owner") {
  const test::Folder folder;
  {
    Started run(settings_of(folder.path));
    run.take(first);
    run.sink.commit(1);
  }
  TestHost without_state;
  LakeLoad::Settings settings = settings_of(folder.path);
  settings.files.name = "pipe";
  LakeLoad other(settings);
  CHECK_THROWS_AS(other.start(without_state), std::runtime_error);
}
