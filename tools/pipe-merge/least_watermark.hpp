// Event time of several inputs that become one.
#pragma once
#include <cstddef>
#include <optional>
#include <vector>

#include "time/time_types.hpp"

namespace weir::pipe_merge {

/// What may be promised of a merged stream: the least of what its inputs have promised. An input that has promised
/// nothing yet holds it back, one that has ended does not count any more.
class LeastWatermark {
 public:
  explicit LeastWatermark(std::size_t inputs) : inputs_(inputs) {}

  void promise(std::size_t input, Time time);
  void end(std::size_t input) { inputs_[input].ended = true; }

  /// The promise, when it is a later one than was given here before.
  std::optional<Time> advance();

  /// What an input has promised.
  std::optional<Time> of(std::size_t input) const { return inputs_[input].time; }
  std::optional<Time> given() const { return given_; }
  void set_given(std::optional<Time> time) { given_ = time; }

 private:
  struct Input {
    std::optional<Time> time;
    bool ended = false;
  };
  std::vector<Input> inputs_;
  std::optional<Time> given_;
};

}  // namespace weir::pipe_merge
