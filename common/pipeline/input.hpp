// The input of a filter or sink: its files one after the other, line by line, with stopping.
#pragma once
#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "pipeline/options.hpp"
#include "pipeline/wait.hpp"
#include "record/line_reader.hpp"

namespace weir {

/// How long input is still read once the run has been asked to stop: after Ctrl-C on a whole pipe the stages before
/// this one send what they have. With checkpoints the last barrier comes, until stop_deadline().
inline constexpr std::chrono::milliseconds usual_grace{1'000};

/// Reads lines from the input files. The skeletons give it what happens between the lines.
class Input {
 public:
  struct Hooks {
    /// A line with something on it.
    std::function<void(const Line&)> on_line;
    /// The bytes of the lines that come next, as RecordParser::prepare() takes them.
    std::function<void(std::string_view)> on_read;
    /// The lines that were there have been given; `paused` says that no more are there right now.
    std::function<void(bool paused)> on_block;
    /// Blocks until one of the descriptors is ready; throws when the run should end (the reader is gone).
    std::function<void(std::span<pollfd>, WaitLimit)> wait;
    /// A file begins; an empty name is standard input.
    std::function<void(const std::string&)> on_file;
  };

  Input(const InputOptions& options, Hooks hooks) : options_(options), hooks_(std::move(hooks)) {}

  /// Reads all of it. Returns at the end of the last file or when the run has been asked to stop.
  void run();

  /// The last bytes of standard input, some lines of control, once all who could write to it are gone; nothing before
  /// that. What has not been given yet is kept in memory, a pipe's content at most, and given as ever.
  std::optional<std::string> last_bytes();

 private:
  enum class End { file, stop };
  End read_file(int fd);
  bool past_grace();

  const InputOptions& options_;
  Hooks hooks_;
  std::optional<LineReader> reader_;  ///< of the file being read
  std::chrono::steady_clock::time_point grace_end_ = std::chrono::steady_clock::time_point::max();
};

}  // namespace weir
