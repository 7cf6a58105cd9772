// A program that runs with its standard input and output in our hands.
#pragma once
#include <sys/types.h>

#include <optional>
#include <string>
#include <vector>

#include "state/descriptor.hpp"

namespace weir::pipe_via {

/// Owns the process: what still runs when this goes is killed with all that it has started.
class Command {
 public:
  /// Throws as process::spawn(). Neither end blocks.
  explicit Command(const std::vector<std::string>& words);
  ~Command();
  Command(const Command&) = delete;
  Command& operator=(const Command&) = delete;

  /// To write to and to read from; -1 once closed.
  int input() const { return input_.get(); }
  int output() const { return output_.get(); }
  void close_input() { input_.reset(-1); }

  /// How it has ended, as waitpid(2) says it; nothing while it runs.
  std::optional<int> status();

 private:
  state::Descriptor input_{-1};
  state::Descriptor output_{-1};
  pid_t pid_ = -1;
  std::optional<int> status_;
};

}  // namespace weir::pipe_via
