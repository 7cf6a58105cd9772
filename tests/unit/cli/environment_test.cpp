#include "cli/environment.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "catch.hpp"
#include "cli/errors.hpp"
#include "folder.hpp"

using namespace weir::cli;

namespace {

/// A temporary working directory, removed at the end.
struct Folder {
  Folder() { std::filesystem::current_path(folder.path); }
  ~Folder() { std::filesystem::current_path(before); }
  void write(const char* name, const char* text, mode_t mode) const {
    weir::test::write_content(name, text);
    REQUIRE(::chmod(name, mode) == 0);
  }
  weir::test::Folder folder;
  std::filesystem::path before = std::filesystem::current_path();
};

}  // namespace

TEST_CASE(".env is read beneath the environment") {
  const Folder folder;
  folder.write(".env", "# comment\nexport A=1\nB = \"two words\"\nC='x # y'\nD=z # comment\nE=\nPATH=never\n", 0600);
  const Environment environment = Environment::load();
  CHECK(environment.get("A") == "1");
  CHECK(environment.get("B") == "two words");
  CHECK(environment.get("C") == "x # y");
  CHECK(environment.get("D") == "z");
  CHECK_FALSE(environment.get("E").has_value());
  CHECK(environment.get("PATH") != "never");
  CHECK(environment.secret("A") == "1");
}

TEST_CASE("a secret in a .env that others can read is refused") {
  const Folder folder;
  folder.write(".env", "KEY=secret\n", 0644);
  const Environment environment = Environment::load();
  CHECK(environment.get("KEY") == "secret");
  CHECK_THROWS_AS(environment.secret("KEY"), UsageError);
  ::setenv("WEIR_TEST_KEY", "direct", 1);
  CHECK(environment.secret("WEIR_TEST_KEY") == "direct");
  ::unsetenv("WEIR_TEST_KEY");
}

TEST_CASE("a .env that is none is an error") {
  const Folder folder;
  folder.write(".env", "A=1\nnonsense\n", 0600);
  CHECK_THROWS_AS(Environment::load(), UsageError);
}

TEST_CASE("a .env that others can write, or of another user, is refused whole") {
  const Folder folder;
  for (const mode_t mode : {0666U, 0620U, 0602U}) {
    folder.write(".env", "A=1\n", mode);
    CHECK_THROWS_WITH(Environment::load(), ".env can be written by others and is not used: chmod go-w .env");
  }
  if (::geteuid() != 0) return;  // only root can give files away
  folder.write(".env", "A=1\n", 0600);
  constexpr uid_t nobody = 65534;
  REQUIRE(::chown(".env", nobody, nobody) == 0);
  CHECK_THROWS_WITH(Environment::load(), ".env belongs to another user and is not used");
}

TEST_CASE("secret files") {
  const Folder folder;
  folder.write("open", "x\n", 0640);
  folder.write("empty", "", 0600);
  folder.write("good", "pass word\nrest\n", 0600);
  CHECK_THROWS_AS(read_secret_file("open"), UsageError);
  CHECK_THROWS_AS(read_secret_file("empty"), UsageError);
  CHECK_THROWS_AS(read_secret_file("missing"), UsageError);
  CHECK(read_secret_file("good") == "pass word");
}
