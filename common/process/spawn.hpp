// Starting programs, without a shell.
#pragma once
#include <sys/types.h>

#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "state/descriptor.hpp"

namespace weir::process {

/// A program that is not there, or is none: asking for it again does not help.
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

/// Starts a program in a process group of its own, so that Ctrl-C reaches whoever started it alone, with these
/// descriptors as its standard input and output: without an input it reads /dev/null, without an output it has ours.
/// `hidden` names variables that it does not see. Throws NoProgram, std::system_error.
pid_t spawn(const std::vector<std::string>& words, int input, int output, const std::vector<std::string>& hidden = {});

/// Throws NoProgram unless spawn() would find a program of this name.
void look_up(const std::string& program);

/// `exit 1`, `signal 9`: how a process has ended, of what waitpid(2) says.
std::string words_of(int status);

}  // namespace weir::process
