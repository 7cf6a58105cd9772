#include "command.hpp"

#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>

#include <cerrno>
#include <system_error>

#include "process/spawn.hpp"

namespace weir::pipe_via {
namespace {

void make_non_blocking(int fd) {
  const int flags = ::fcntl(fd, F_GETFL);
  if (flags < 0 || ::fcntl(fd, F_SETFL, flags | O_NONBLOCK) != 0)
    throw std::system_error(errno, std::generic_category(), "a pipe to the command");
}

}  // namespace

Command::Command(const std::vector<std::string>& words) {
  process::Pipe in;
  process::Pipe out;
  make_non_blocking(in.write.get());
  make_non_blocking(out.read.get());
  // What it starts may be weir's own tools: they stand outside of the pipeline's checkpoints.
  pid_ = process::spawn(words, in.read.get(), out.write.get(), {"WEIR_STATE"});
  input_.reset(in.write.release());
  output_.reset(out.read.release());
}

Command::~Command() {
  if (status()) return;
  ::kill(-pid_, SIGKILL);
  while (::waitpid(pid_, nullptr, 0) < 0 && errno == EINTR) {
  }
}

std::optional<int> Command::status() {
  int status = 0;
  if (!status_ && ::waitpid(pid_, &status, WNOHANG) == pid_) status_ = status;
  return status_;
}

}  // namespace weir::pipe_via
