// The input of a filter or sink: its files one after the other, line by line, with stopping.
#pragma once
#include <unistd.h>

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "pipeline/input_flow.hpp"
#include "pipeline/line_loop.hpp"
#include "pipeline/options.hpp"
#include "pipeline/read_ahead.hpp"
#include "pipeline/wait.hpp"
#include "record/line_reader.hpp"

namespace weir {

/// How long input is still read after a stop request: after Ctrl-C on a whole pipe the stages before this one send what
/// they have. With checkpoints the input is read to its final barrier, until stop_deadline().
inline constexpr std::chrono::milliseconds usual_grace{1'000};

/// Reads the input files one after the other and gives their lines to a LineLoop.
class Input {
 public:
  struct Hooks {
    /// The lines that were there have been given.
    std::function<void(InputFlow)> on_block;
    /// Blocks until one of the descriptors is ready; throws when the run should end (the reader is gone).
    std::function<void(std::span<pollfd>, WaitLimit)> wait;
  };

  /// `options`, `lines` and `ahead` must outlive this. `standard_input` is read for `-` and where no file is named;
  /// `ahead` reads the files, where it is given. Throws cli::UsageError where a file cannot be read.
  Input(const InputOptions& options, LineLoop& lines, Hooks hooks, int standard_input = STDIN_FILENO,
        ReadAhead* ahead = nullptr);

  /// Reads all of it. Returns at the end of the last file or when the run has been asked to stop.
  void run();

  /// A stop request leaves the lines that have been read, too: a filter may need long for each.
  void stop_between_lines();

  /// The last bytes of standard input, some control lines, once all who could write to it are gone; nothing before
  /// that. Lines that have not been given yet are kept in memory (a pipe's content at most) and given as usual.
  std::optional<std::string> last_bytes();

 private:
  enum class End : std::uint8_t { file, stop };
  End read_file(int fd);
  End read_ahead(int fd);
  bool awaits_bytes(int fd);
  bool past_grace();

  const InputOptions& options_;
  LineLoop& lines_;
  Hooks hooks_;
  int standard_input_;
  ReadAhead* ahead_;
  std::optional<LineReader> reader_;  ///< of the file being read
  std::chrono::steady_clock::time_point grace_end_ = std::chrono::steady_clock::time_point::max();
};

}  // namespace weir
