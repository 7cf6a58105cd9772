#include "process/spawn.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <optional>
#include <string_view>
#include <system_error>

#include "process/threads.hpp"

namespace weir::process {
namespace {

NoProgram cannot_start(const std::string& program, int problem) {
  return NoProgram(fmt::format("cannot start {}: {}", program, std::strerror(problem)));
}

std::vector<char*> visible_environment(const std::vector<std::string>& hidden) {
  std::vector<char*> visible;
  for (char** each = environ; *each != nullptr; ++each) {
    const std::string_view entry(*each);
    const std::string_view name = entry.substr(0, entry.find('='));
    if (std::find(hidden.begin(), hidden.end(), name) == hidden.end()) visible.push_back(*each);
  }
  visible.push_back(nullptr);
  return visible;
}

/// In the child: becomes the program, or returns with errno set. Only calls that are safe after fork(2). `parent` is 0
/// for a program that may outlive it.
void become(char** argv, char** environment, int input, int output, pid_t parent) {
  if (parent != 0) {
    if (::prctl(PR_SET_PDEATHSIG, SIGKILL) != 0) return;
    if (::getppid() != parent) ::_exit(127);  // it went before it could be known
  }
  if (::setpgid(0, 0) != 0) return;
  if (input < 0) input = ::open("/dev/null", O_RDONLY);
  if (input < 0 || ::dup2(input, STDIN_FILENO) < 0) return;
  if (output >= 0 && ::dup2(output, STDOUT_FILENO) < 0) return;
  ::execvpe(argv[0], argv, environment);
}

/// Waits until the child is another program (0), or has written why not.
int reason_in(int fd) {
  int reason = 0;
  ssize_t n = 0;
  do {
    n = ::read(fd, &reason, sizeof reason);
  } while (n < 0 && errno == EINTR);
  return n == static_cast<ssize_t>(sizeof reason) ? reason : 0;
}

}  // namespace

std::pair<int, int> Pipe::make() {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) throw std::system_error(errno, std::generic_category(), "making a pipe");
  return {ends[0], ends[1]};
}

pid_t spawn(const std::vector<std::string>& arguments, int input, int output, const SpawnSettings& settings) {
  std::vector<char*> argv;
  argv.reserve(arguments.size() + 1);
  for (const std::string& each : arguments) argv.push_back(const_cast<char*>(each.c_str()));
  argv.push_back(nullptr);
  std::vector<char*> environment = visible_environment(settings.hidden);
  const pid_t self = ::getpid();
  Pipe failure;  // closed by a successful exec; otherwise the child writes its errno
  // Signals are blocked until the child has no handlers of ours any more: they would write into our own pipe.
  std::optional<WithoutSignals> guard(std::in_place);
  const pid_t pid = ::fork();
  const int problem = errno;
  if (pid == 0) {
    for (const int signal : {SIGPIPE, SIGINT, SIGTERM}) ::signal(signal, SIG_DFL);
    // None is blocked in the program, also where the thread that starts it blocks all.
    sigset_t none;
    ::sigemptyset(&none);
    ::sigprocmask(SIG_SETMASK, &none, nullptr);
    become(argv.data(), environment.data(), input, output, settings.bond == Bond::to_parent ? self : 0);
    const int reason = errno;
    [[maybe_unused]] const ssize_t n = ::write(failure.write.get(), &reason, sizeof reason);
    ::_exit(127);
  }
  guard.reset();
  if (pid < 0) throw std::system_error(problem, std::generic_category(), "cannot start " + arguments[0]);
  failure.write.reset(-1);
  if (const int reason = reason_in(failure.read.get()); reason != 0) {
    while (::waitpid(pid, nullptr, 0) < 0 && errno == EINTR) {
    }
    if (reason == ENOENT || reason == EACCES) throw cannot_start(arguments[0], reason);
    throw std::system_error(reason, std::generic_category(), "cannot start " + arguments[0]);
  }
  return pid;
}

void look_up(const std::string& program) {
  if (program.find('/') != std::string::npos) {
    if (::access(program.c_str(), X_OK) != 0) throw cannot_start(program, errno);
    return;
  }
  const char* const path = std::getenv("PATH");
  std::string_view folders = path == nullptr ? "/bin:/usr/bin" : path;
  int problem = ENOENT;
  for (;;) {
    const std::size_t end = folders.find(':');
    const std::string folder(folders.substr(0, end));
    if (::access(((folder.empty() ? "." : folder) + '/' + program).c_str(), X_OK) == 0) return;
    if (errno == EACCES) problem = EACCES;
    if (end == std::string_view::npos) throw cannot_start(program, problem);
    folders.remove_prefix(end + 1);
  }
}

std::string describe_status(int status) {
  if (WIFEXITED(status)) return fmt::format("exit {}", WEXITSTATUS(status));
  return fmt::format("signal {}", WTERMSIG(status));
}

}  // namespace weir::process
