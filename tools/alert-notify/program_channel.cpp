// A program that gets each notification on its standard input, as one line of JSON.
#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <signal.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <system_error>

#include "channel.hpp"
#include "process/command_line.hpp"
#include "process/spawn.hpp"
#include "time/duration.hpp"

namespace weir::alert_notify {
namespace {

using clock = std::chrono::steady_clock;

/// Exit statuses that sysexits.h and shells have for what trying again does not change: wrong usage, wrong data, nobody
/// of that name, not allowed, no such program.
constexpr std::array<int, 9> final_statuses{64, 65, 66, 67, 68, 77, 78, 126, 127};

class ProgramChannel : public Channel {
 public:
  ProgramChannel(const ChannelSettings& settings, const Stop& stop)
      : timeout_(settings.spec.duration("timeout").value_or(std::chrono::seconds(30))), stop_(stop) {
    const std::vector<std::string> given = settings.spec.list("command");
    try {
      command_ = given.size() == 1 ? process::split_command(given[0]) : given;
      if (command_.empty()) settings.spec.fail("give command");
      process::look_up(command_[0]);
    } catch (const ConfigError&) {
      throw;
    } catch (const std::exception& problem) {
      settings.spec.fail(problem.what());
    }
  }

  Sent send(const Message& message) override {
    try {
      return run(message);
    } catch (const process::NoProgram& problem) {
      return {Sent::Outcome::later, problem.what(), {}, true};
    } catch (const std::system_error& problem) {
      return {Sent::Outcome::later, problem.what(), {}, true};
    }
  }

 private:
  Sent run(const Message& message) {
    process::Pipe pipe;
    // Its standard output is our standard error: a sink writes nothing.
    const pid_t pid = process::spawn(command_, pipe.read.get(), STDERR_FILENO, {{}, process::Bond::to_parent});
    pipe.read.reset(-1);
    const state::Descriptor process(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)));
    if (process.get() < 0) {
      end(pid);
      throw std::system_error(errno, std::generic_category(), "pidfd_open");
    }
    ::fcntl(pipe.write.get(), F_SETFL, O_NONBLOCK);
    const std::string input = message.body + '\n';
    std::string_view left = input;
    const auto deadline = clock::now() + timeout_;
    for (;;) {
      const auto now = clock::now();
      const auto until = std::chrono::ceil<std::chrono::milliseconds>(deadline - now);
      if (until.count() <= 0) {
        end(pid);
        return {Sent::Outcome::uncertain,
                fmt::format("the program took longer than {}", format_duration(timeout_)),
                {},
                false};
      }
      std::array<pollfd, 3> wait{
          {{process.get(), POLLIN, 0}, {left.empty() ? -1 : pipe.write.get(), POLLOUT, 0}, {stop_.fd(), POLLIN, 0}}};
      if (::poll(wait.data(), wait.size(), static_cast<int>(std::min<std::int64_t>(until.count(), 60'000))) < 0 &&
          errno != EINTR)
        throw std::system_error(errno, std::generic_category(), "poll");
      if (wait[0].revents != 0) return result_of(pid);
      if (wait[1].revents != 0) write(left, pipe);
      if (wait[2].revents != 0) {
        end(pid);
        return {Sent::Outcome::stopped};
      }
    }
  }

  /// A program need not read its input to the end.
  static void write(std::string_view& left, process::Pipe& pipe) {
    const ssize_t n = ::write(pipe.write.get(), left.data(), left.size());
    if (n > 0) left.remove_prefix(static_cast<std::size_t>(n));
    if (n < 0 && errno != EAGAIN && errno != EINTR) left = {};
    if (left.empty()) pipe.write.reset(-1);
  }

  static Sent result_of(pid_t pid) {
    int status = 0;
    while (::waitpid(pid, &status, 0) < 0 && errno == EINTR) {
    }
    const std::string answer = process::describe_status(status);
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return {Sent::Outcome::delivered, answer, {}, false};
    const bool is_final = WIFEXITED(status) && std::find(final_statuses.begin(), final_statuses.end(),
                                                         WEXITSTATUS(status)) != final_statuses.end();
    if (is_final) return {Sent::Outcome::refused, answer, {}, false};
    return {WIFEXITED(status) ? Sent::Outcome::later : Sent::Outcome::uncertain, answer, {}, false};
  }

  static void end(pid_t pid) {
    ::kill(-pid, SIGKILL);
    ::kill(pid, SIGKILL);
    while (::waitpid(pid, nullptr, 0) < 0 && errno == EINTR) {
    }
  }

  std::vector<std::string> command_;
  Duration timeout_;
  const Stop& stop_;
};

}  // namespace

std::unique_ptr<Channel> make_program(const ChannelSettings& settings, const Stop& stop) {
  return std::make_unique<ProgramChannel>(settings, stop);
}

}  // namespace weir::alert_notify
