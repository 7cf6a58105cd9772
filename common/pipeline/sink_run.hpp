// A run of a sink, whatever its shape; internal to the room.
#pragma once
#include <unistd.h>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "cli/app.hpp"
#include "pipeline/checkpoint.hpp"
#include "pipeline/epoch_order.hpp"
#include "pipeline/input.hpp"
#include "pipeline/line_loop.hpp"
#include "pipeline/metrics_file.hpp"
#include "pipeline/progress.hpp"
#include "pipeline/rejects.hpp"
#include "pipeline/run_report.hpp"
#include "pipeline/sink_epochs.hpp"

namespace weir {

/// Reads records and gives them to a sink; with --state it also drives the sink's commits.
class SinkRun : private RecordHandler, private SinkHost {
 public:
  /// `shape` is the sink's part in checkpoints, nullptr for a sink that keeps no state. All must outlive this. Throws
  /// cli::UsageError where the options do not fit the sink.
  SinkRun(SinkStage& sink, SinkEpochs* shape, const InputOptions& input, cli::Context& context,
          int standard_input = STDIN_FILENO);

  cli::Exit run();

 private:
  using clock = std::chrono::steady_clock;

  /// With checkpoints a sink is started when a run begins; nothing is asked of it before.
  bool has_started() const { return !checkpoint_ || pipeline_; }
  cli::Exit read_all();
  void finish();
  void after_block(InputFlow flow);
  void write_metrics();
  void load(SnapshotReader& from);
  void save(SnapshotWriter& to);

  // The lines:
  Verdict on_record(const Record& record) override;
  void on_unusable() override { sink_.on_unusable(); }
  void on_watermark(Time time, std::string_view) override {
    if (has_started()) sink_.on_watermark(time);
  }
  void on_unknown_control(std::string_view) override {}
  void on_begin(const Control& control, std::string_view line) override;
  void note_rebuild(std::uint64_t epoch);
  void on_restore(const Control& control, std::string_view line) override;
  void on_barrier(const Control& control) override;
  void on_input_end(std::string_view) override { shape_->on_end(); }

  // The commit of the last epoch:
  bool go_on_committing();
  void finish_commit();

  // What the sink may use:
  void reject(std::uint64_t line, std::string_view raw, std::string_view reason) override;
  void refuse(std::span<const Refusal> refused) override;
  Log& log() override { return context_.log; }
  const PipelineRun* pipeline() const override { return pipeline_ ? &*pipeline_ : nullptr; }
  bool keeps_rejects() const override { return rejects_.kept(); }
  std::vector<pollfd> stop_descriptors() const override;
  void check_stop() override;

  // Waiting:
  void wait_until_ready();
  void wait_for_store();
  void serve(std::span<pollfd> input_ready, WaitLimit limit);
  pollfd writer() const;
  void look_ahead();

  /// How the input ends, as far as it is known.
  enum class Ahead : std::uint8_t {
    unknown,  ///< more may come
    all,      ///< with the end of the input and its final barrier
    stop,     ///< with the final barrier of a source that was stopped
    nothing   ///< without a final barrier: the source is gone
  };
  static Ahead end_of(std::string_view bytes);

  SinkStage& sink_;
  std::vector<RecordMessage>* messages_;  ///< of the sink, or null
  SinkEpochs* shape_;
  cli::Context& context_;
  int standard_input_;
  Rejects rejects_;
  EpochOrder order_;
  LineLoop lines_;
  Input in_;
  RunReport report_;
  MetricsFile metrics_;
  Progress progress_;
  clock::time_point stop_deadline_ = clock::time_point::max();

  // With --state:
  std::optional<Checkpoint> checkpoint_;
  std::optional<PipelineRun> pipeline_;  ///< once it has begun
  Ahead ahead_ = Ahead::unknown;
  bool committing_ = false;  ///< the commit of the last epoch is under way
  clock::time_point commit_began_{};
  std::chrono::milliseconds took_{};  ///< how long this stage and those before it stood still for the last epoch
  std::vector<std::pair<std::uint64_t, std::string>> refused_;  ///< of the last epoch, counted when it is committed
};

}  // namespace weir
