#include "shards.hpp"

#include <fmt/format.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <stdexcept>
#include <system_error>
#include <vector>

#include "cli/signals.hpp"
#include "process/spawn.hpp"
#include "state/atomic_file.hpp"
#include "state/stage_folder.hpp"

namespace weir::pipe_run {
namespace {

using clock = std::chrono::steady_clock;
constexpr int tick_ms = 50;

/// In the state folder of a shard: how many there are.
constexpr const char* count_file = "/of-shards";

/// How many shards a shard's state is for; 0: it is none of a shard.
std::uint64_t noted_count(const std::string& folder) {
  const auto text = state::read_file(folder + count_file);
  std::uint64_t count = 0;
  if (text) std::from_chars(text->data(), text->data() + text->size(), count);
  return count;
}

/// The words by which this program was started.
std::vector<std::string> own_arguments() {
  const auto bytes = state::read_file("/proc/self/cmdline");
  if (!bytes || bytes->empty()) throw std::runtime_error("/proc/self/cmdline cannot be read");
  std::vector<std::string> words;
  for (std::size_t at = 0; at < bytes->size();) {
    const std::size_t end = std::min(bytes->find('\0', at), bytes->size());
    words.push_back(bytes->substr(at, end - at));
    at = end + 1;
  }
  return words;
}

/// The shards that run, ended when this one is.
class Shards {
 public:
  Shards(std::uint64_t count, const std::function<void(const std::string&)>& warn) : warn_(warn) {
    std::vector<std::string> arguments = own_arguments();
    arguments[0] = std::filesystem::read_symlink("/proc/self/exe").string();
    arguments.insert(arguments.begin() + 1, {"--shard", ""});
    process::SpawnSettings settings;
    settings.bond = process::Bond::to_parent;
    for (std::uint64_t number = 1; number <= count; ++number) {
      arguments[2] = std::to_string(number);
      children_.push_back(process::spawn(arguments, -1, -1, settings));
    }
  }
  Shards(const Shards&) = delete;
  Shards& operator=(const Shards&) = delete;
  ~Shards() {
    signal_all(SIGKILL);
    while (running() > 0) reap(0);
  }

  std::size_t running() const { return children_.size() - ended_; }
  int worst() const { return worst_; }

  void signal_all(int signal) {
    for (const pid_t child : children_)
      if (child > 0) ::kill(child, signal);
  }

  /// Notes a shard that has ended; with WNOHANG as `flags` without waiting. Returns false when there is none.
  bool reap(int flags) {
    int status = 0;
    const pid_t pid = ::waitpid(-1, &status, flags);
    const auto found = std::find(children_.begin(), children_.end(), pid);
    if (pid <= 0 || found == children_.end()) return pid < 0 && errno == EINTR;
    const auto number = static_cast<std::uint64_t>(found - children_.begin()) + 1;
    *found = 0;
    ++ended_;
    // The signal that asks for the stop may come before a shard has its handler.
    const bool asked_to = cli::stop_requested() && WIFSIGNALED(status) && WTERMSIG(status) == SIGTERM;
    const int exit =
        WIFEXITED(status) ? WEXITSTATUS(status) : static_cast<int>(asked_to ? cli::Exit::done : cli::Exit::failed);
    worst_ = std::max(worst_, exit);
    if (exit != 0 && !cli::stop_requested())
      warn_(fmt::format("shard {} ended: {}{}", Shard{number, children_.size()}.text(),
                        process::describe_status(status), running() > 0 ? "; the others continue" : ""));
    return true;
  }

 private:
  const std::function<void(const std::string&)>& warn_;
  std::vector<pid_t> children_;  ///< 0: it has ended
  std::size_t ended_ = 0;
  int worst_ = 0;
};

}  // namespace

std::string Shard::text() const { return fmt::format("{}/{}", number, of); }

void check_shards(const std::string& folder, std::uint64_t count) {
  std::error_code none;
  for (const auto& each : std::filesystem::directory_iterator(folder, none)) {
    if (!each.is_directory(none)) continue;
    const std::uint64_t noted = noted_count(each.path().string());
    if (noted == 0 || noted == count) continue;
    throw cli::StateError(
        fmt::format("{} is the state of a pipeline with --shards {}, and this run has {}: run it as "
                    "before, or begin anew in another folder",
                    folder, noted, count == 0 ? "none" : fmt::format("--shards {}", count)));
  }
}

bool has_snapshots(const std::string& folder) {
  std::error_code none;
  for (const auto& each : std::filesystem::directory_iterator(folder, none))
    if (each.is_directory(none) && !state::epochs_in(each.path().string()).empty()) return true;
  return false;
}

void become_shard(const Shard& shard) {
  const std::string number = std::to_string(shard.number);
  ::setenv("WEIR_SHARD", shard.text().c_str(), 1);
  ::setenv("WEIR_SHARD_NUMBER", number.c_str(), 1);
  const char* const whole = std::getenv("WEIR_STATE");
  if (whole == nullptr || *whole == '\0') return;
  const char* const pipe = std::getenv("WEIR_PIPE");
  const std::string name = pipe != nullptr && *pipe != '\0' ? pipe : state::RunFolder::default_name(whole);
  const std::string folder = fmt::format("{}/{}", whole, number);
  check_shards(whole, shard.of);
  std::filesystem::create_directories(folder);
  if (noted_count(folder) == 0) state::write_file(folder + count_file, fmt::format("{}\n", shard.of));
  ::setenv("WEIR_PIPE", fmt::format("{}.{}{}", name, number, state::RunFolder::generation(folder)).c_str(), 1);
  ::setenv("WEIR_STATE", folder.c_str(), 1);
}

cli::Exit run_shards(std::uint64_t count, Duration patience, const std::function<void(const std::string&)>& warn) {
  Shards shards(count, warn);
  auto deadline = clock::time_point::max();
  while (shards.running() > 0) {
    if (cli::stop_requested() && deadline == clock::time_point::max()) {
      shards.signal_all(SIGTERM);
      deadline = clock::now() + 3 * patience;
    }
    if (clock::now() > deadline) shards.signal_all(SIGKILL);
    while (shards.reap(WNOHANG)) {
    }
    if (shards.running() == 0) break;
    pollfd stop{cli::stop_requested() ? -1 : cli::stop_descriptor(), POLLIN, 0};
    ::poll(&stop, 1, tick_ms);
  }
  return static_cast<cli::Exit>(shards.worst());
}

}  // namespace weir::pipe_run
