// Running a pipeline as one: all its stages together, again when one fails.
#pragma once
#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "cli/errors.hpp"
#include "culprit_search.hpp"
#include "pipeline_text.hpp"
#include "state/descriptor.hpp"
#include "time/back_off.hpp"

namespace weir::pipe_run {

/// How one run of all stages ended.
enum class RunEnd : std::uint8_t {
  done,      ///< every stage ended with 0
  left_out,  ///< every stage has done its work, and one has left records out
  failed,    ///< one ended with 1, by a signal, or could not be started: starting again may help
  usage,     ///< one ended with 2
  state,     ///< one ended with 3
  stopped,   ///< the run was asked to stop
};

/// The end of one run of all stages.
struct RunResult {
  RunEnd end = RunEnd::done;
  bool failed = false;                   ///< some stage did
  std::optional<std::size_t> culprit{};  ///< the stage that failed first; those after it ended because of it
};

struct SupervisorSettings {
  std::vector<StageText> stages;
  std::optional<std::uint64_t> max_restarts;
  Duration first_pause = std::chrono::seconds(1);
  Duration longest_pause = std::chrono::minutes(1);
  Duration steady = std::chrono::minutes(1);      ///< after a run of this length the pauses start again at the first
  Duration end_limit = std::chrono::seconds(15);  ///< for stages to end by themselves once one has failed
  std::string state;                              ///< the pipeline's state folder; empty: none
};

/// How a pipeline does.
struct Progress {
  std::uint64_t restarts = 0;  ///< without those by which a record is looked for
  struct Stage {
    bool runs = false;
    std::uint64_t failures = 0;  ///< how often it failed first
    bool operator==(const Stage&) const = default;
  };
  std::vector<Stage> stages{};
  bool operator==(const Progress&) const = default;
};

/// What a supervisor reports while it runs.
struct SupervisorEvents {
  std::function<void(const std::string&)> warn;
  /// Called several times a second while the stages run.
  std::function<void(const Progress&)> tick;
};

/// Starts the stages with pipes between them, each in its own process group, so that Ctrl-C reaches this program alone.
/// A stop request goes to the first stage (SIGTERM); the others end with their input. Stages that do not end in time
/// get SIGTERM, then SIGKILL. When a stage fails, the others get the same time, and all start again after a pause.
/// They are killed when this process is.
class Supervisor {
 public:
  Supervisor(SupervisorSettings settings, SupervisorEvents events);
  Supervisor(const Supervisor&) = delete;
  Supervisor& operator=(const Supervisor&) = delete;
  /// Kills what still runs.
  ~Supervisor();

  /// Runs until the pipeline is done, fails for good, or is asked to stop.
  cli::Exit run();
  const Progress& progress();

 private:
  using clock = std::chrono::steady_clock;
  struct Child {
    pid_t pid = -1;
    int descriptor = -1;  ///< of the process, readable when it has ended
    bool ended = false;
    int status = 0;
  };

  RunResult run_once();
  void start();
  void watch(int descriptor, std::uint64_t which);
  void reap(std::size_t stage);
  void wait(std::chrono::milliseconds limit);
  void signal_all(int signal);
  void report_ends(RunResult& result, bool signalled);
  bool pause(Duration length);
  std::string last_resumed() const;
  void look_for_culprit(const RunResult& result, clock::duration lasted, bool answered);
  std::string how_it_replays() const;
  RunEnd outcome(bool stopped) const;
  std::string name_of(std::size_t stage) const;
  std::string how_ended(std::size_t stage) const;

  SupervisorSettings settings_;
  SupervisorEvents events_;
  BackOff back_off_;
  std::vector<Child> children_;
  state::Descriptor events_of_children_{-1};  ///< epoll: tells ends in their order
  std::vector<std::size_t> ended_;            ///< stages whose ends are not reported yet, in their order
  Progress progress_;
  CulpritSearch search_;
  std::optional<state::Isolation> isolation_;  ///< of the next run
};

}  // namespace weir::pipe_run
