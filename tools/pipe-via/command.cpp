#include "command.hpp"

#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

#include "pipeline/bystander.hpp"
#include "process/spawn.hpp"

namespace weir::pipe_via {
namespace {

void make_non_blocking(int fd) {
  const int flags = ::fcntl(fd, F_GETFL);
  if (flags < 0 || ::fcntl(fd, F_SETFL, flags | O_NONBLOCK) != 0)
    throw std::system_error(errno, std::generic_category(), "a pipe to the command");
}

void grow_pipe(int fd) {
#ifdef F_SETPIPE_SZ
  ::fcntl(fd, F_SETPIPE_SZ, 256 * 1024);  // refused beyond the user's limit: the pipe keeps its size
#endif
}

}  // namespace

Command::Command(const std::vector<std::string>& arguments, std::size_t max_line) {
  process::Pipe in;
  process::Pipe out;
  make_non_blocking(in.write.get());
  make_non_blocking(out.read.get());
  grow_pipe(in.write.get());
  grow_pipe(out.read.get());
  // The command may start weir's own tools: they are not stages of this pipeline.
  pid_ = process::spawn(arguments, in.read.get(), out.write.get(),
                        {.hidden = {"WEIR_STATE", run_variable}, .bond = process::Bond::to_parent});
  input_.reset(in.write.release());
  output_.reset(out.read.release());
  reader_.emplace(output_.get(), max_line);
}

Command::~Command() {
  if (status()) return;
  ::kill(-pid_, SIGKILL);
  while (::waitpid(pid_, nullptr, 0) < 0 && errno == EINTR) {
  }
}

void Command::append(std::string_view line) {
  to_write_ += line;
  to_write_ += '\n';
}

bool Command::write() {
  std::size_t written = 0;
  while (written < to_write_.size()) {
    const ssize_t n = ::write(input_.get(), to_write_.data() + written, to_write_.size() - written);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0 && errno == EAGAIN) break;
    if (n < 0 && errno == EPIPE) {
      close_input();
      return false;
    }
    if (n < 0) throw std::system_error(errno, std::generic_category(), "writing to the command");
    written += static_cast<std::size_t>(n);
  }
  to_write_.erase(0, written);
  return written > 0;
}

void Command::close_input() {
  input_.reset(-1);
  to_write_.clear();
}

bool Command::read() {
  if (output_ended_) return false;
  const std::uint64_t before = reader_->bytes();
  output_ended_ = reader_->fill() == LineReader::Fill::end;
  return reader_->bytes() != before;
}

std::optional<int> Command::status() {
  int status = 0;
  if (!status_ && ::waitpid(pid_, &status, WNOHANG) == pid_) status_ = status;
  return status_;
}

}  // namespace weir::pipe_via
