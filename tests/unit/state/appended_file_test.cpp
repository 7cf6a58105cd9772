#include "state/appended_file.hpp"

#include <string>
#include <system_error>

#include "catch.hpp"
#include "folder.hpp"

using weir::state::AppendedFile;

TEST_CASE("an appended file keeps its lines, and loses one that has no end") {
  const weir::test::Folder folder;
  {
    AppendedFile file(folder.file("log"));
    CHECK(file.empty());
    file.append("first\nsecond\nthi");
    file.sync();
    CHECK_FALSE(file.empty());
  }
  AppendedFile file(folder.file("log"));
  CHECK(folder.content("log") == "first\nsecond\n");
  file.append("third\n");
  CHECK(folder.content("log") == "first\nsecond\nthird\n");
  file.clear();
  CHECK(file.empty());
  CHECK(folder.content("log").empty());
}

TEST_CASE("the line without an end may be longer than what is read at once") {
  const weir::test::Folder folder;
  const std::string whole = GENERATE(std::string(), std::string("whole\n"));
  const std::size_t size = GENERATE(1U, 4095U, 4096U, 4097U, 20'000U);
  folder.write("log", whole + std::string(size, 'x'));
  const AppendedFile file(folder.file("log"));
  CHECK(folder.content("log") == whole);
  CHECK(file.empty() == whole.empty());
}

TEST_CASE("an appended file writes to a device as it is") {
  AppendedFile file("/dev/null");
  CHECK_NOTHROW(file.append("line\n"));
  CHECK_NOTHROW(file.sync());
  CHECK_THROWS_AS(AppendedFile("/nowhere/log"), std::system_error);
}
