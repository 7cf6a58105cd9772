// The order in which the words of checkpoints may come, for stages that read.
#pragma once
#include "pipeline/checkpoint.hpp"
#include "record/control.hpp"

namespace weir {

/// Follows begin, restore, data and barriers, end, the last barrier, and throws std::runtime_error at what comes out of
/// order: such a pipeline was put together wrongly or a stage in it is none of weir's.
class Epochs : public Checkpoint {
 public:
  using Checkpoint::Checkpoint;

  /// A run begins: this stage becomes its own. Throws as take().
  void begin(const Control& control);
  void restore(const Control& control, const std::function<void(SnapshotReader&)>& stage);
  /// As restore(), of a sink, which has taken up its state at the beginning.
  void restored(const Control& control);
  /// Throws unless a record may come now.
  void expect_data() const {
    if (at_ != At::data) unexpected_record();
  }
  void end();
  void barrier(const Control& control, const std::function<void(SnapshotWriter&)>& stage);
  /// Appends the barrier to what is passed on, with the time that this stage has taken for it besides.
  void pass_barrier(const Control& control, std::string& out) const;

  /// The last barrier has come.
  bool at_end() const { return at_ == At::over; }
  /// The input was finished before it: it is not that someone has asked the source to stop.
  bool finished() const { return finished_; }
  /// The input has ended without it: what that means for the run. Throws std::runtime_error where a stage before this
  /// one has gone in the middle.
  cli::Exit ended_early() const;

 private:
  enum class At : std::uint8_t { start, begun, data, ended, over };
  [[noreturn]] static void out_of_order(std::string_view what);
  [[noreturn]] void unexpected_record() const;
  At at_ = At::start;
  bool finished_ = false;
};

/// Why a word of checkpoints is rejected by a stage without --state.
inline constexpr std::string_view no_state =
    "a word of checkpoints, and this stage keeps no state (--state or WEIR_STATE)";

}  // namespace weir
