#include "state/lock_file.hpp"

#include <sys/wait.h>
#include <unistd.h>

#include <optional>
#include <system_error>
#include <utility>

#include "catch.hpp"
#include "folder.hpp"

using weir::state::LockFile;

TEST_CASE("one holder at a time, in one process and in two") {
  const weir::test::Folder folder;
  const std::string path = folder.file("sent.lock");

  auto held = LockFile::take(path);
  REQUIRE(held.has_value());
  CHECK_FALSE(LockFile::take(path).has_value());
  CHECK_FALSE(LockFile::take(path, std::chrono::milliseconds(5)).has_value());

  std::optional<LockFile> moved(std::move(*held));
  held.reset();
  CHECK_FALSE(LockFile::take(path).has_value());
  moved.reset();
  CHECK(LockFile::take(path).has_value());

  // A lock ends with its holder, whatever ended that.
  const pid_t child = ::fork();
  if (child == 0) {
    const auto taken = LockFile::take(path);
    ::_exit(taken ? 7 : 8);
  }
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  CHECK(WEXITSTATUS(status) == 7);
  CHECK(LockFile::take(path).has_value());

  REQUIRE(::symlink(path.c_str(), folder.file("link").c_str()) == 0);
  CHECK_THROWS_AS(LockFile::take(folder.file("link")), std::system_error);
  CHECK_THROWS_AS(LockFile::take(folder.file("none/lock")), std::system_error);
}
