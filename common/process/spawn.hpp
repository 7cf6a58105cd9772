// Starting programs, without a shell.
#pragma once
#include <sys/types.h>

#include <cstdint>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "state/descriptor.hpp"

namespace weir::process {

/// A program that does not exist or cannot be run: trying again does not help.
class NoProgram : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// A pipe whose ends other programs do not inherit. Throws std::system_error.
class Pipe {
 public:
  Pipe() : Pipe(make()) {}

  state::Descriptor read;
  state::Descriptor write;

 private:
  explicit Pipe(std::pair<int, int> ends) : read(ends.first), write(ends.second) {}
  static std::pair<int, int> make();
};

/// Whether a program outlives the one that has started it.
enum class Bond : std::uint8_t {
  none,
  to_parent  ///< it gets SIGKILL when the thread that has started it ends, however that comes about
};

struct SpawnSettings {
  std::vector<std::string> hidden{};  ///< variables that the program does not see
  Bond bond = Bond::none;
};

/// Starts a program with these descriptors as its standard input and output: an input of -1 is /dev/null, an output of
/// -1 is ours. Its process group is its own, so that Ctrl-C reaches only who started it. Throws NoProgram,
/// std::system_error.
pid_t spawn(const std::vector<std::string>& arguments, int input, int output, const SpawnSettings& settings = {});

/// Throws NoProgram unless spawn() would find a program of this name.
void look_up(const std::string& program);

/// `exit 1` or `signal 9`: how a process has ended, from the status of waitpid(2).
std::string describe_status(int status);

}  // namespace weir::process
