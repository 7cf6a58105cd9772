// The order in which the control lines of checkpoints and the records between them may come.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>

#include "cli/errors.hpp"
#include "record/control.hpp"

namespace weir {

/// Follows one input through begin, restore, records and barriers, end, and the final barrier. A line out of order
/// throws std::runtime_error: the pipeline is put together wrongly, or a stage breaks the protocol.
class EpochOrder {
 public:
  /// `input` names the input in messages where a stage has several.
  explicit EpochOrder(std::string input = {}) : input_(std::move(input)) {}

  /// A begin, restore, barrier or end.
  void take(const Control& control);
  /// Throws unless a record may come now; cli::UsageError where no run has begun.
  void expect_record() const {
    if (at_ != At::data) unexpected_record();
  }

  /// The run's name; empty before begin.
  const std::string& run() const { return run_; }
  /// The epoch that was restored or whose barrier came last.
  std::uint64_t epoch() const { return epoch_; }

  bool has_begun() const { return at_ != At::start; }
  bool has_restored() const { return at_ != At::start && at_ != At::begun; }
  /// The final barrier has come.
  bool is_over() const { return at_ == At::over; }
  /// The end of the input has come: the source was not stopped before it.
  bool is_finished() const { return finished_; }

  /// The exit status of an input that has ended before its final barrier. Throws std::runtime_error where a stage has
  /// gone in the middle of a run.
  cli::Exit ended_early() const;

 private:
  enum class At : std::uint8_t {
    start,  ///< nothing has come
    begun,  ///< its run has begun
    data,   ///< its state is restored
    ended,  ///< its input is finished
    over    ///< its final barrier has come
  };
  [[noreturn]] void out_of_order(std::string_view what) const;
  [[noreturn]] void unexpected_record() const;
  std::string prefix() const { return input_.empty() ? input_ : input_ + ": "; }

  std::string input_;
  std::string run_;
  std::uint64_t epoch_ = 0;
  At at_ = At::start;
  bool finished_ = false;
};

}  // namespace weir
