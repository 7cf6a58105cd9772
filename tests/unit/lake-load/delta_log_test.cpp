#include "delta_log.hpp"

#include <filesystem>
#include <stdexcept>
#include <string>

#include "catch.hpp"
#include "folder.hpp"
#include "parquet/json_rows.hpp"

using namespace weir;
using namespace weir::lake_load;

namespace {

struct Table {
  explicit Table(const std::string& path, const std::string& name = "pipe", std::uint64_t every = 100)
      : columns({}, fields, {}, {}, values),
        store(path, path),
        log(store, {.table = path, .name = name, .scratch = path, .checkpoint_every = every}, {"dt"}) {
    columns.adopt("dt", {ColumnType::Kind::date}, ValuesIn::path);
    columns.adopt("v", {ColumnType::Kind::real}, ValuesIn::files);
  }
  FieldSet fields;
  ValueReader values{TimeParser(), Inexact::rejected};
  Columns columns;
  DiskStore store;
  DeltaLog log;
};

const FinishedFile file{"", "dt=2026-01-01/a%3A.parquet", {"2026-01-01"}, 1, 10, "{}"};

std::string version_path(const test::Folder& folder, int number) {
  return folder.file("_delta_log/" + std::string(19, '0') + std::to_string(number) + ".json");
}

}  // namespace

TEST_CASE("the first commit makes the table, a later one only what is new") {
  const test::Folder folder;
  Table table(folder.path);
  table.log.commit({file}, table.columns, 5, "run");
  const std::string first = test::content_of(version_path(folder, 0));
  CHECK(first.find(R"("minReaderVersion":1,"minWriterVersion":2)") != std::string::npos);
  CHECK(first.find(R"("partitionColumns":["dt"])") != std::string::npos);
  CHECK(first.find(R"("appId":"weir/pipe","version":5)") != std::string::npos);
  CHECK(first.find(R"("path":"dt=2026-01-01/a%253A.parquet","partitionValues":{"dt":"2026-01-01"})") !=
        std::string::npos);
  table.log.commit({file}, table.columns, 6, "run");
  CHECK(test::content_of(version_path(folder, 1)).find("metaData") == std::string::npos);
  table.columns.adopt("w", {ColumnType::Kind::text}, ValuesIn::files);
  table.log.commit({file}, table.columns, 7, "run");
  CHECK(test::content_of(version_path(folder, 2)).find(R"(\"name\":\"w\")") != std::string::npos);
  CHECK(Table(folder.path).log.epoch() == 7);
  CHECK(Table(folder.path, "other").log.epoch() == 0);
}

TEST_CASE("of two writers that commit the same version one goes on with the next") {
  const test::Folder folder;
  Table table(folder.path);
  table.log.commit({file}, table.columns, 1, "run");
  test::write_content(version_path(folder, 1), "{\"add\":{\"path\":\"x\"}}\n");
  table.log.commit({file}, table.columns, 2, "run");
  CHECK(table.log.version() == 2);
  CHECK(table.log.epoch() == 2);
}

TEST_CASE("another run's commit for the same pipeline fences this one") {
  const test::Folder folder;
  Table table(folder.path);
  table.log.commit({file}, table.columns, 1, "run");
  Table second(folder.path);
  second.log.commit({file}, second.columns, 2, "second");
  CHECK_THROWS_AS(table.log.commit({file}, table.columns, 2, "run"), std::runtime_error);
  CHECK_FALSE(std::filesystem::exists(version_path(folder, 2)));
}

TEST_CASE("a table of a later protocol or of other partitions is refused") {
  const test::Folder folder;
  Table table(folder.path);
  table.log.commit({file}, table.columns, 1, "run");
  CHECK_THROWS_AS(DeltaLog(table.store, {.table = "t", .name = "pipe", .scratch = folder.path}, {"hour"}),
                  std::runtime_error);
  test::write_content(version_path(folder, 1), "{\"protocol\":{\"minReaderVersion\":3,\"minWriterVersion\":7}}\n");
  CHECK_THROWS_AS(table.log.read(), std::runtime_error);
}

TEST_CASE("the columns of a table that is there are taken") {
  const test::Folder folder;
  Table table(folder.path);
  table.columns.adopt("price", ColumnType::parse("decimal(12,4)"), ValuesIn::files);
  table.log.commit({file}, table.columns, 1, "run");
  Table other(folder.path);
  other.log.adopt_into(other.columns);
  CHECK(other.columns.find("price")->type.name() == "decimal(12,4)");
  CHECK(other.columns.all().size() == table.columns.all().size());
}

TEST_CASE("what another program has written into the schema stays, and new columns follow") {
  const test::Folder folder;
  std::filesystem::create_directories(folder.file("_delta_log"));
  const std::string theirs =
      R"({\"type\":\"struct\",\"fields\":[{\"name\":\"v\",\"type\":\"double\",\"nullable\":true,)"
      R"(\"metadata\":{\"comment\":\"of the meter\"}}]})";
  const auto write = [&](const std::string& schema) {
    test::write_content(version_path(folder, 0), R"({"metaData":{"id":"x","name":"theirs","schemaString":")" + schema +
                                                     R"(","partitionColumns":["dt"]}})"
                                                     "\n");
  };
  write(theirs);
  Table table(folder.path);
  table.log.commit({file}, table.columns, 1, "run");
  const std::string commit = test::content_of(version_path(folder, 1));
  CHECK(commit.find(R"("name":"theirs")") != std::string::npos);
  CHECK(commit.find(theirs.substr(0, theirs.size() - 2) + R"(,{\"name\":\"dt\",\"type\":\"date\")") !=
        std::string::npos);
  table.log.commit({file}, table.columns, 2, "run");
  CHECK(test::content_of(version_path(folder, 2)).find("metaData") == std::string::npos);
  std::string strict = theirs;
  strict.replace(strict.find("true"), 4, "false");
  write(strict);
  CHECK_THROWS_AS(Table(folder.path), std::runtime_error);
}

TEST_CASE("a schema that is none is refused, and nothing is written on top of it") {
  for (const char* schema :
       {"{}", R"({\"fields\":null})", R"({\"fields\":{}})", R"({\"fields\":[{}]})", R"({\"fields\":[],\"type\":truth})",
        R"({\"fields\":[{\"name\":5,\"type\":\"string\"}]})", R"({\"fields\":[{\"name\":\"v\"}]})"}) {
    const test::Folder folder;
    std::filesystem::create_directories(folder.file("_delta_log"));
    test::write_content(version_path(folder, 0), std::string(R"({"metaData":{"id":"x","schemaString":")") + schema +
                                                     "\",\"partitionColumns\":[\"dt\"]}}\n");
    CHECK_THROWS_AS(Table(folder.path), std::runtime_error);
  }
  const test::Folder folder;
  std::filesystem::create_directories(folder.file("_delta_log"));
  test::write_content(version_path(folder, 0),
                      R"({"metaData":{"id":truth,"schemaString":"{\"fields\":[]}","partitionColumns":["dt"]}})"
                      "\n");
  CHECK_THROWS_AS(Table(folder.path), std::runtime_error);
}

TEST_CASE("a column that two writers have made of different types ends the run") {
  const test::Folder folder;
  Table table(folder.path);
  table.log.commit({file}, table.columns, 1, "run");
  Table second(folder.path);
  second.columns.adopt("w", {ColumnType::Kind::text}, ValuesIn::files);
  Table other(folder.path, "other");
  other.log.commit({file}, second.columns, 1, "other");
  table.log.commit({file}, table.columns, 2, "run");
  CHECK(table.log.version() == 2);
  table.columns.adopt("w", {ColumnType::Kind::real}, ValuesIn::files);
  CHECK_THROWS_AS(table.log.commit({file}, table.columns, 3, "run"), std::runtime_error);
}

TEST_CASE("a checkpoint stands for all versions before it") {
  const test::Folder folder;
  {
    Table table(folder.path, "pipe", 3);
    for (std::uint64_t epoch = 1; epoch <= 5; ++epoch) {
      FinishedFile each = file;
      each.path = "dt=2026-01-01/" + std::to_string(epoch);
      table.log.commit({each}, table.columns, epoch, "run");
    }
  }
  for (int version = 0; version <= 3; ++version) std::filesystem::remove(version_path(folder, version));
  Table table(folder.path, "pipe", 3);
  CHECK(table.log.version() == 4);
  CHECK(table.log.epoch() == 5);
  CHECK(test::content_of(folder.file("_delta_log/_last_checkpoint")).starts_with(R"({"version":3,"size":7,)"));
  table.log.commit({file}, table.columns, 6, "run");
  table.log.commit({file}, table.columns, 7, "run");  // the next one begins with the one before
  CHECK(test::content_of(folder.file("_delta_log/_last_checkpoint")).starts_with(R"({"version":6,"size":9,)"));
  std::filesystem::remove(folder.file("_delta_log/_last_checkpoint"));
  CHECK(Table(folder.path).log.epoch() == 7);
  std::filesystem::remove(folder.file("_delta_log/00000000000000000006.checkpoint.parquet"));
  std::filesystem::remove(folder.file("_delta_log/00000000000000000003.checkpoint.parquet"));
  CHECK_THROWS_AS(Table(folder.path), std::runtime_error);
}

TEST_CASE("a log that was tidied beyond what a writer knows is read again") {
  const test::Folder folder;
  Table idle(folder.path);
  idle.log.commit({file}, idle.columns, 1, "run");
  {
    Table busy(folder.path, "other", 3);
    for (std::uint64_t epoch = 1; epoch <= 3; ++epoch) busy.log.commit({file}, busy.columns, epoch, "other");
  }
  for (int version = 0; version <= 3; ++version) std::filesystem::remove(version_path(folder, version));
  idle.log.commit({file}, idle.columns, 2, "run");
  CHECK(idle.log.version() == 4);
  CHECK_FALSE(std::filesystem::exists(version_path(folder, 1)));
}

TEST_CASE("an action that cannot be read is never left out of a checkpoint") {
  DeltaState state;
  CHECK_THROWS_AS(state.take(R"({"add":{"size":1}})"), std::runtime_error);
  CHECK_THROWS_AS(state.take(R"({"txn":{"version":1}})"), std::runtime_error);
  CHECK_THROWS_AS(state.take("x"), std::runtime_error);
}

TEST_CASE("what is left of actions is in the checkpoint") {
  const test::Folder folder;
  DiskStore store(folder.path, folder.path);
  DeltaState state;
  state.forget_removed_before(100);
  for (const char* const line :
       {R"({"protocol":{"minReaderVersion":1,"minWriterVersion":2}})",
        R"({"metaData":{"id":"x","format":{"provider":"parquet","options":{}},"schemaString":"{}",)"
        R"("partitionColumns":["dt"],"configuration":{"a":"b"},"createdTime":1}})",
        R"({"add":{"path":"a%20b","partitionValues":{"dt":null},"size":1,"modificationTime":2,"dataChange":true,)"
        R"("stats":"{\"numRecords\":1}","tags":{"k":"v"}}})",
        R"({"add":{"path":"c","partitionValues":{},"size":1,"modificationTime":2,"dataChange":true}})",
        R"({"add":{"path":"d","partitionValues":{},"size":1,"modificationTime":2,"dataChange":true}})",
        R"({"remove":{"path":"%63","deletionTimestamp":100,"dataChange":true}})",
        R"({"remove":{"path":"d","deletionTimestamp":99,"dataChange":true}})", R"({"txn":{"appId":"one","version":1}})",
        R"({"txn":{"appId":"one","version":2}})", R"({"commitInfo":{}})"})
    state.take(line);
  std::filesystem::create_directories(folder.file("_delta_log"));
  state.write(store, 9, folder.file("made"));
  std::string rows;
  read_json_rows(folder.file("_delta_log/00000000000000000009.checkpoint.parquet"),
                 {"protocol", "metaData", "txn", "add", "remove"},
                 [&](std::string_view row) { (rows += row) += '\n'; });
  CHECK(rows == R"({"protocol":{"minReaderVersion":1,"minWriterVersion":2}}
{"metaData":{"id":"x","format":{"provider":"parquet","options":{}},"schemaString":"{}","partitionColumns":["dt"],)"
                R"("configuration":{"a":"b"},"createdTime":1}}
{"txn":{"appId":"one","version":2}}
{"remove":{"path":"%63","deletionTimestamp":100,"dataChange":true}}
{"add":{"path":"a%20b","partitionValues":{"dt":null},"size":1,"modificationTime":2,"dataChange":false,)"
                R"("stats":"{\"numRecords\":1}","tags":{"k":"v"}}}
)");
}

TEST_CASE("the last whole checkpoint among the names of the log") {
  const std::string digits(19, '0');
  CHECK_FALSE(last_checkpoint_of({digits + "1.json", "_last_checkpoint"}));
  const auto found =
      last_checkpoint_of({digits + "1.checkpoint.parquet", digits + "2.checkpoint.0000000001.0000000002.parquet",
                          digits + "2.checkpoint.0000000002.0000000002.parquet",
                          digits + "3.checkpoint.0000000002.0000000002.parquet", "x.parquet"});
  REQUIRE(found);
  CHECK(found->version == 2);
  CHECK(found->paths().back() == "_delta_log/" + digits + "2.checkpoint.0000000002.0000000002.parquet");
}
