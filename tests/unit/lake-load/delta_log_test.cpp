#include "delta_log.hpp"

#include <filesystem>
#include <stdexcept>
#include <string>

#include "catch.hpp"
#include "folder.hpp"

using namespace weir;
using namespace weir::lake_load;

namespace {

struct Table {
  explicit Table(const std::string& path) : columns({}, fields, {}, {}, values), log(path, "pipe", {"dt"}) {
    columns.adopt("dt", {ColumnType::Kind::date}, true);
    columns.adopt("v", {ColumnType::Kind::real}, false);
  }
  FieldSet fields;
  ValueReader values{TimeParser(), Inexact::rejected};
  Columns columns;
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
  table.columns.adopt("w", {ColumnType::Kind::text}, false);
  table.log.commit({file}, table.columns, 7, "run");
  CHECK(test::content_of(version_path(folder, 2)).find(R"(\"name\":\"w\")") != std::string::npos);
  CHECK(DeltaLog(folder.path, "pipe", {"dt"}).epoch() == 7);
  CHECK(DeltaLog(folder.path, "other", {"dt"}).epoch() == 0);
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
  CHECK_THROWS_AS(DeltaLog(folder.path, "pipe", {"hour"}), std::runtime_error);
  test::write_content(version_path(folder, 1), "{\"protocol\":{\"minReaderVersion\":3,\"minWriterVersion\":7}}\n");
  CHECK_THROWS_AS(table.log.read(), std::runtime_error);
}

TEST_CASE("the columns of a table that is there are taken") {
  const test::Folder folder;
  Table table(folder.path);
  table.columns.adopt("price", ColumnType::parse("decimal(12,4)"), false);
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
  CHECK_THROWS_AS(DeltaLog(folder.path, "pipe", {"dt"}), std::runtime_error);
}

TEST_CASE("a column that two writers have made of different types ends the run") {
  const test::Folder folder;
  Table table(folder.path);
  table.log.commit({file}, table.columns, 1, "run");
  Table second(folder.path);
  second.columns.adopt("w", {ColumnType::Kind::text}, false);
  DeltaLog other(folder.path, "other", {"dt"});
  other.commit({file}, second.columns, 1, "other");
  table.log.commit({file}, table.columns, 2, "run");
  CHECK(table.log.version() == 2);
  table.columns.adopt("w", {ColumnType::Kind::real}, false);
  CHECK_THROWS_AS(table.log.commit({file}, table.columns, 3, "run"), std::runtime_error);
}
