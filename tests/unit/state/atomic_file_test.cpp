#include "state/atomic_file.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <system_error>

#include "catch.hpp"
#include "folder.hpp"

using namespace weir::state;

namespace {

template <typename Call>
std::string message_of(Call call) {
  try {
    call();
  } catch (const std::exception& error) {
    return error.what();
  }
  return {};
}

mode_t mode_of(const std::string& path) {
  struct stat status {};
  REQUIRE(::stat(path.c_str(), &status) == 0);
  return status.st_mode & 07777;
}

}  // namespace

TEST_CASE("a file is made, replaced as a whole, and nothing else is left") {
  const weir::test::Folder folder;
  const std::string path = folder.file("sent");
  CHECK_FALSE(read_file(path).has_value());
  write_file(path, "a longer first text\n");
  CHECK(read_file(path) == "a longer first text\n");
  write_file(path, std::string("two\0", 4));
  CHECK(read_file(path) == std::string("two\0", 4));
  write_file(path, "");
  CHECK(read_file(path) == "");
  CHECK(std::distance(std::filesystem::directory_iterator(folder.path), {}) == 1);
}

TEST_CASE("a reader that opened the old file keeps reading the old bytes") {
  const weir::test::Folder folder;
  const std::string path = folder.file("f");
  write_file(path, "old");
  struct stat before {};
  struct stat after {};
  REQUIRE(::stat(path.c_str(), &before) == 0);
  write_file(path, "new");
  REQUIRE(::stat(path.c_str(), &after) == 0);
  CHECK(before.st_ino != after.st_ino);
}

TEST_CASE("a new file is its owner's alone, and one that is there keeps its permissions") {
  const weir::test::Folder folder;
  const std::string path = folder.file("f");
  write_file(path, "x");
  CHECK(mode_of(path) == 0600);
  REQUIRE(::chmod(path.c_str(), 0640) == 0);
  write_file(path, "y");
  CHECK(mode_of(path) == 0640);
}

TEST_CASE("a symbolic link in the temporary file's place is not followed") {
  const weir::test::Folder folder;
  const std::string victim = folder.file("victim");
  write_file(victim, "precious");
  REQUIRE(::symlink(victim.c_str(), folder.file("f.tmp").c_str()) == 0);
  CHECK_THROWS_AS(write_file(folder.file("f"), "evil"), std::system_error);
  CHECK(read_file(victim) == "precious");
}

TEST_CASE("a folder that is not there, and a file that is too long, are errors with the name in them") {
  const weir::test::Folder folder;
  CHECK(message_of([&] { write_file(folder.file("none/f"), "x"); }).find("none/f.tmp") != std::string::npos);
  write_file(folder.file("f"), "12345");
  CHECK(read_file(folder.file("f"), 5) == "12345");
  CHECK(message_of([&] { read_file(folder.file("f"), 4); }).find("longer than 4 bytes") != std::string::npos);
  CHECK_THROWS_AS(read_file(folder.path), std::system_error);
}
