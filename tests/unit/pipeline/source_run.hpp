// A source that runs in its own process, with a pipe that the test reads.
#pragma once
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <functional>
#include <memory>
#include <sstream>
#include <string>
#include <thread>

#include "catch.hpp"
#include "cli/signals.hpp"
#include "folder.hpp"
#include "pipeline/run.hpp"
#include "state/stage_folder.hpp"

namespace weir::test {

/// Runs a source in a child process, and shows its output and the files that it writes.
class SourceProcess {
 public:
  using Make = std::function<std::unique_ptr<AnySource>()>;

  SourceProcess(const Make& make, const SourceOptions& options, const std::string& settings = {}) {
    int ends[2];
    REQUIRE(::pipe(ends) == 0);
    child_ = ::fork();
    REQUIRE(child_ >= 0);
    if (child_ == 0) {
      ::close(ends[0]);
      ::dup2(ends[1], STDOUT_FILENO);
      ::close(ends[1]);
      ::_exit(run(make, options, settings));
    }
    ::close(ends[1]);
    output_ = ends[0];
  }
  ~SourceProcess() {
    if (child_ > 0) {
      ::kill(child_, SIGKILL);
      ::waitpid(child_, nullptr, 0);
    }
    close_output();
  }
  SourceProcess(const SourceProcess&) = delete;
  SourceProcess& operator=(const SourceProcess&) = delete;

  /// The next line, without its end; empty at the end of the output.
  std::string line() {
    std::string text;
    for (char c = 0; ::read(output_, &c, 1) == 1 && c != '\n';) text += c;
    return text;
  }
  /// All remaining lines.
  std::string rest() {
    std::string all;
    for (std::string next = line(); !next.empty(); next = line()) all += next + '\n';
    return all;
  }
  void close_output() {
    if (output_ >= 0) ::close(output_);
    output_ = -1;
  }
  void stop() const { ::kill(child_, SIGTERM); }
  void kill() const { ::kill(child_, SIGKILL); }
  /// The exit status; -1 when a signal ended it.
  int wait() {
    int status = 0;
    ::waitpid(child_, &status, 0);
    child_ = -1;
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  }

 private:
  static int run(const Make& make, const SourceOptions& options, const std::string& settings) {
    cli::install_signal_handlers();
    cli::Log log("source");
    const cli::Environment environment;
    cli::Context context{.log = log, .environment = environment, .settings = settings};
    try {
      const auto source = make();
      return static_cast<int>(run_source(*source, options, context));
    } catch (const cli::OutputClosed&) {
      return 0;
    } catch (const cli::UsageError& problem) {
      log.error(problem.what());
      return 2;
    } catch (const cli::StateError& problem) {
      log.error(problem.what());
      return 3;
    } catch (const std::exception& problem) {
      log.error(problem.what());
      return 1;
    }
  }

  pid_t child_ = -1;
  int output_ = -1;
};

/// The sink's side of a run with checkpoints.
class SinkSide {
 public:
  explicit SinkSide(const Folder& folder) : folder_(folder.path + "/state") {}

  /// Answers `begin`, the first line: restores the epoch.
  void answer(SourceProcess& source, std::uint64_t epoch) {
    const std::string begin = source.line();
    REQUIRE(begin.starts_with(R"({"@ctl":"begin")"));
    const std::string key = R"("run":")";
    run_ = begin.substr(begin.find(key) + key.size(), 32);
    folder_.write_resume(run_, epoch);
    CHECK(source.line() == R"({"@ctl":"restore","run":")" + run_ + R"(","epoch":)" + std::to_string(epoch) + "}");
  }
  void commit(std::uint64_t epoch) const { folder_.write_committed(epoch, state::Durable::no); }

 private:
  state::RunFolder folder_;
  std::string run_;
};

/// Waits until a condition holds; fails the test after ten minutes.
inline void wait_until(const std::function<bool()>& holds) {
  const auto end = std::chrono::steady_clock::now() + std::chrono::minutes(10);
  while (!holds()) {
    REQUIRE(std::chrono::steady_clock::now() < end);
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
}

}  // namespace weir::test
