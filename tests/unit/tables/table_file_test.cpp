#include "tables/table_file.hpp"

#include "catch.hpp"
#include "folder.hpp"

using namespace weir;
using namespace weir::tables;

namespace {

TableSettings settings_of(const std::string& path) {
  TableSettings settings;
  settings.rows.name = path;
  settings.keys = {"id"};
  return settings;
}

}  // namespace

TEST_CASE("a table is read again when its file has changed, with the columns that it had first") {
  const test::Folder folder;
  folder.write("t.csv", "id,v\na,1\n");
  TableFile file(settings_of(folder.file("t.csv")));
  const auto content = file.content();
  CHECK_FALSE(file.look());
  folder.write("t.csv", "id,w,v\na,9,20\nb,9,30\n");
  CHECK(file.look());
  CHECK(file.table().find("b")->members == R"(,"v":30)");
  CHECK(file.content() != content);
  CHECK_FALSE(file.look());
}

TEST_CASE("a changed file that is no table leaves the table as it is, and is refused once") {
  const test::Folder folder;
  folder.write("t.csv", "id,v\na,1\n");
  TableFile file(settings_of(folder.file("t.csv")));
  folder.write("t.csv", "id,v\na,1\na,2\n");
  CHECK_THROWS_AS(file.look(), TableError);
  CHECK_FALSE(file.look());
  CHECK(file.table().find("a")->members == R"(,"v":1)");
  folder.write("t.csv", "id,v\na,345\n");
  CHECK(file.look());
  CHECK(file.table().find("a")->members == R"(,"v":345)");
}

TEST_CASE("a file that is not there cannot be a table") {
  const test::Folder folder;
  CHECK_THROWS_AS(TableFile(settings_of(folder.file("none.csv"))), TableError);
}
