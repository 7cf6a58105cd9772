// The run of a stage in the middle of a pipe: lines in, lines out, control lines and epochs passed on.
#pragma once
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "cli/app.hpp"
#include "pipeline/checkpoint.hpp"
#include "pipeline/descriptors.hpp"
#include "pipeline/input.hpp"
#include "pipeline/input_flow.hpp"
#include "pipeline/line_loop.hpp"
#include "pipeline/metrics_file.hpp"
#include "pipeline/output.hpp"
#include "pipeline/progress.hpp"
#include "pipeline/read_ahead.hpp"
#include "pipeline/rejects.hpp"
#include "pipeline/run_report.hpp"
#include "pipeline/side_file.hpp"
#include "pipeline/standard_output.hpp"
#include "state/archive.hpp"

namespace weir {

/// What a run in the middle of a pipe is made from; the references outlive the run.
struct MiddleSetup {
  const FieldSet& fields;
  const InputOptions& input;
  cli::Context& context;
  FutureGuard* guard = nullptr;      ///< of a stage that goes by event time
  std::uint32_t schema = 1;          ///< of the state
  std::vector<std::string> sides{};  ///< paths of the side files; an empty one drops what is written to it
  std::vector<NamedField> named{};   ///< fields that options name
  bool unbuffered = false;           ///< output is written after every line
  std::function<std::unique_ptr<RecordReader>()> make_reader{};  ///< for input.threads
  bool computes = false;  ///< what a record takes is time of this process: a stop may come between two lines
  Descriptors descriptors{};
};

/// Drives a stage from its first line to its exit status. The shapes (Filter, AsyncFilter, pipe-via) add what happens
/// to a record; those parts are pure.
class MiddleRun : public RecordHandler {
 public:
  ~MiddleRun() override = default;
  MiddleRun(const MiddleRun&) = delete;
  MiddleRun& operator=(const MiddleRun&) = delete;

  cli::Exit run();

 protected:
  /// Throws cli::UsageError where files are named with --state.
  explicit MiddleRun(const MiddleSetup& setup);

  /// Thrown by a part: nothing more can come out, so the rest of the input is not read.
  struct NothingMore {};

  /// Before the first line.
  virtual void on_start() {}
  /// All that the records so far lead to is appended to the output when this returns.
  virtual void complete() = 0;
  /// The input is finished: as complete(), and what is still held comes out.
  virtual void finish() = 0;
  /// A snapshot is saved next; called after complete().
  virtual void on_snapshot() {}
  /// Saves or loads the stage's state; called only after complete().
  virtual void state(StateArchive& archive) = 0;
  /// After each block of input and whenever it pauses, before output is flushed.
  virtual void on_block(InputFlow flow) = 0;
  /// Waits for the stage's own descriptors and `also`.
  virtual void wait_for_own(std::span<pollfd> also, WaitLimit limit) { wait_for(also, limit); }
  /// After the last line, with --state after the final barrier.
  virtual void on_over() {}
  /// What the stage has counted so far.
  virtual CountReport counts() const { return {}; }
  virtual std::vector<StageCounter> own_counters() const { return {}; }
  /// A message after the last counts, or nothing.
  virtual std::string statistics() const { return {}; }

  void on_watermark(Time time, std::string_view line) override;
  void on_unknown_control(std::string_view line) override;

  /// Waits for `input` (may be empty), the stage's own descriptors, a stop request, or the loss of the reader, which
  /// throws cli::OutputClosed.
  void wait(std::span<pollfd> input, WaitLimit limit);
  /// For a wait that needs the outside to move: as wait(), after writing the output. Throws std::runtime_error with
  /// `late` once the run was asked to stop and its time is up.
  void wait_for_outside(std::string_view late, WaitLimit limit = no_limit);

  /// Writes the output where it is enough for a block, or unbuffered.
  void write_block() {
    if (unbuffered_ || out_.lines.size() >= stdout_.block()) stdout_.write(out_.lines);
  }
  void write_lines() { stdout_.write(out_.lines); }
  /// As write_block(), after these lines; many are not copied first.
  void write_lines(std::string_view lines);
  /// Whether lines wait until they are enough for a block.
  bool writes_blocks() const { return !unbuffered_; }
  /// Writes standard output, side files and rejects.
  void flush();

  Output& out() { return out_; }
  Rejects& rejects() { return rejects_; }
  const Rejects& rejects() const { return rejects_; }
  RunReport& run_report() { return report_; }
  const RunReport& run_report() const { return report_; }
  std::uint64_t records() const { return lines_.records(); }
  cli::Log& log() const { return context_.log; }
  bool keeps_state() const { return checkpoint_.has_value(); }

 private:
  void on_begin(const Control& control, std::string_view line) final;
  void on_restore(const Control& control, std::string_view line) final;
  void on_barrier(const Control& control) final;
  void on_input_end(std::string_view line) final;
  void pass_on(std::string_view line);
  void after_block(InputFlow flow);
  void whole_state(StateArchive& archive);
  void write_metrics();

  const InputOptions& input_;
  const FieldSet& fields_;
  std::function<std::unique_ptr<RecordReader>()> make_reader_;
  cli::Context& context_;
  bool unbuffered_;
  bool computes_;
  int input_fd_;
  StandardOutput stdout_;
  Output out_;
  Rejects rejects_;
  std::vector<SideFile> sides_;
  EpochOrder order_;
  LineLoop lines_;
  RunReport report_;
  MetricsFile metrics_;
  Progress progress_;
  std::chrono::steady_clock::time_point stop_deadline_ = std::chrono::steady_clock::time_point::max();
  std::optional<Checkpoint> checkpoint_;  ///< with --state
};

}  // namespace weir
