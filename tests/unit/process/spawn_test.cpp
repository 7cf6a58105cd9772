#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <string>

#include "catch.hpp"
#include "process/spawn.hpp"
#include "process/threads.hpp"

using namespace weir::process;

namespace {

/// The output and the status of a program.
struct Ran {
  std::string output;
  int status = 0;
};

Ran run(const std::vector<std::string>& arguments, const std::vector<std::string>& hidden = {}) {
  Pipe pipe;
  const pid_t pid = spawn(arguments, -1, pipe.write.get(), {.hidden = hidden});
  pipe.write.reset(-1);
  Ran ran;
  char byte = 0;
  while (::read(pipe.read.get(), &byte, 1) == 1) ran.output += byte;
  REQUIRE(::waitpid(pid, &ran.status, 0) == pid);
  return ran;
}

}  // namespace

TEST_CASE("a program gets its arguments as they are, without a shell") {
  CHECK(run({"printf", "%s|", "a b", "$HOME", "[x,y]", "*"}).output == "a b|$HOME|[x,y]|*|");
}

TEST_CASE("a program without an input reads nothing") { CHECK(run({"cat"}).output.empty()); }

TEST_CASE("how a program has ended") {
  CHECK(describe_status(run({"sh", "-c", "exit 7"}).status) == "exit 7");
  CHECK(describe_status(run({"sh", "-c", "kill -9 $$"}).status) == "signal 9");
}

TEST_CASE("a program stands in a process group of its own and is killed by a pipe that is closed") {
  const Ran ran = run({"sh", "-c", "ps -o pgid= -p $$ | tr -d ' \\n'; echo = $$ | tr -d ' \\n'"});
  const auto equals = ran.output.find('=');
  CHECK(ran.output.substr(0, equals) == ran.output.substr(equals + 1));
  ::signal(SIGPIPE, SIG_IGN);
  CHECK(describe_status(run({"sh", "-c", "trap '' TERM; kill -PIPE $$"}).status) == "signal 13");
}

TEST_CASE("a program begins with no signal blocked, whatever the thread blocks that starts it") {
  const WithoutSignals guard;
  const Ran ran = run({"grep", "SigBlk", "/proc/self/status"});
  CHECK(ran.output == "SigBlk:\t0000000000000000\n");
}

TEST_CASE("a variable can be hidden") {
  ::setenv("WEIR_TEST_SHOWN", "1", 1);
  ::setenv("WEIR_TEST_HIDDEN", "1", 1);
  CHECK(run({"sh", "-c", "echo $WEIR_TEST_SHOWN$WEIR_TEST_HIDDEN"}, {"WEIR_TEST_HIDDEN"}).output == "1\n");
}

TEST_CASE("a bonded program goes with the process that started it") {
  Pipe alive;  // open as long as the program runs
  const pid_t starter = ::fork();
  REQUIRE(starter >= 0);
  if (starter == 0) {
    spawn({"sleep", "1000"}, -1, alive.write.get(), {.bond = Bond::to_parent});
    ::raise(SIGKILL);
  }
  alive.write.reset(-1);
  REQUIRE(::waitpid(starter, nullptr, 0) == starter);
  char byte = 0;
  CHECK(::read(alive.read.get(), &byte, 1) == 0);
}

TEST_CASE("a program that does not exist is an error of its own") {
  CHECK_THROWS_AS(spawn({"no-such-program"}, -1, -1), NoProgram);
  CHECK_THROWS_AS(look_up("no-such-program"), NoProgram);
  CHECK_THROWS_AS(look_up("/etc/passwd"), NoProgram);
  CHECK_NOTHROW(look_up("sh"));
  CHECK_NOTHROW(look_up("/bin/sh"));
}
