// A program that runs with its standard input and output in our hands.
#pragma once
#include <sys/types.h>

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "record/line_reader.hpp"
#include "state/descriptor.hpp"

namespace weir::pipe_via {

/// Owns the process: when this goes, the program is killed with all that it has started. Input and output are buffered
/// and never block, so that full pipes cannot stop both sides.
class Command {
 public:
  /// Starts the program. Output lines longer than `max_line` bytes are marked as too long. Throws as process::spawn().
  Command(const std::vector<std::string>& arguments, std::size_t max_line);
  ~Command();
  Command(const Command&) = delete;
  Command& operator=(const Command&) = delete;

  /// Appends a line to the input.
  void append(std::string_view line);
  /// Bytes of input that the program has not taken.
  std::size_t unwritten() const { return to_write_.size(); }
  /// Writes what the program takes now. Returns whether it took anything.
  bool write();
  /// Closes the input; what is unwritten is dropped. Also called when the program has closed it: as for `a | head -1`,
  /// what it does not read is not its input.
  void close_input();
  bool takes_input() const { return input_.get() >= 0; }

  /// Reads some of the output. Returns whether there was any.
  bool read();
  /// The next line of what was read; nothing when more has to be read.
  std::optional<Line> next_line() { return reader_->next(); }
  /// All of the output has been read.
  bool output_ended() const { return output_ended_; }

  /// For poll(2): -1 once closed or at its end.
  int input() const { return input_.get(); }
  int output() const { return output_ended_ ? -1 : output_.get(); }

  /// How it has ended, as waitpid(2) gives it; nothing while it runs.
  std::optional<int> status();

 private:
  state::Descriptor input_{-1};
  state::Descriptor output_{-1};
  std::optional<LineReader> reader_;
  std::string to_write_;
  bool output_ended_ = false;
  pid_t pid_ = -1;
  std::optional<int> status_;
};

}  // namespace weir::pipe_via
