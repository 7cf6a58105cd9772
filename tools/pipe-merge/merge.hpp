// Several inputs into one stream.
#pragma once
#include <chrono>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "least_watermark.hpp"
#include "pipeline/checkpoint.hpp"
#include "pipeline/line_loop.hpp"
#include "pipeline/rejects.hpp"
#include "record/control.hpp"
#include "record/line_reader.hpp"
#include "state/descriptor.hpp"

namespace weir::pipe_merge {

struct MergeSettings {
  std::vector<std::string> inputs;   ///< paths
  std::vector<std::string> dropped;  ///< names of inputs that an earlier run had and this one need not have
  std::uint64_t max_line = 1 << 20;
};

/// Reads lines from all inputs as they come and writes them. With checkpoints it is the sink's counterpart to each
/// input, whose runs keep their state in folders of their own, and a source to what follows: an input is held at its
/// barrier until each other one is at a barrier too or has sent nothing since its last. There an epoch of the whole
/// ends.
class Merge {
 public:
  Merge(MergeSettings settings, const RejectOptions& rejects, const StateOptions& state, cli::Context& context);

  cli::Exit run();

 private:
  using clock = std::chrono::steady_clock;
  /// One input: its lines go to the merge, its control lines of checkpoints hold it or let it go on.
  struct Input : LineHandler {
    Input(Merge& whole, std::size_t number, std::string input_path, int fd)
        : merge(whole),
          index(number),
          path(std::move(input_path)),
          file(fd),
          reader(fd, whole.settings_.max_line),
          order(path),
          lines(*this, whole.rejects_, whole.checkpoint_ ? &order : nullptr) {}

    void prepare(std::string_view) override {}
    Verdict on_line(const Line& line) override;
    void on_unusable() override { fresh = true; }
    void on_watermark(Time time, std::string_view line) override;
    void on_unknown_control(std::string_view line) override;
    void on_begin(const Control& control, std::string_view line) override;
    void on_restore(const Control& control, std::string_view line) override;
    void on_barrier(const Control& control) override;
    void on_input_end(std::string_view line) override;

    Merge& merge;
    std::size_t index;
    std::string path;
    state::Descriptor file;
    LineReader reader;
    EpochOrder order;
    LineLoop lines;
    std::string name;                  ///< of its pipeline
    std::uint64_t epoch = 0;           ///< its last barrier
    std::chrono::milliseconds took{};  ///< for how long its stages stood still for that
    bool held = false;                 ///< no more is taken from it now
    bool fresh = false;                ///< something has come since its last barrier
    bool done = false;                 ///< its final barrier is aligned, or without checkpoints its end has come
  };
  /// An epoch of the whole and where each input was then.
  struct Place {
    std::uint64_t epoch;
    std::vector<std::uint64_t> inputs;
  };

  void open_inputs();
  bool read_some(WaitLimit limit);
  void take_lines(std::size_t i);
  void take_end_of_file(std::size_t i);

  void add_run(Input& input, const Control& control);
  std::string folder_of(const Input& input) const;

  template <typename Is>
  bool all(Is is) const;
  bool go_on();
  void go_on_when_restored();
  void begin_whole();
  void ask_sink();
  void take_up(std::uint64_t epoch);
  void restore(SnapshotReader& from);
  bool align();
  void note_committed();
  void await_last_commit();
  WaitLimit patience() const;
  bool past_stop_limit();
  void release_all();
  void pass_watermark();
  void flush();

  MergeSettings settings_;
  cli::Context& context_;
  Rejects rejects_;
  StandardOutput stdout_;
  std::string out_;
  std::deque<Input> inputs_;
  LeastWatermark watermark_;
  std::size_t first_ = 0;  ///< to be looked at, for fairness

  std::optional<Checkpoint> checkpoint_;  ///< with --state
  std::string root_;
  bool told_ = false;      ///< downstream knows of the run
  bool answered_ = false;  ///< the sink has said where to go on, and the inputs were told
  bool going_ = false;     ///< all have taken up their state
  bool over_ = false;      ///< the last barrier was sent
  std::deque<Place> uncommitted_;
  clock::time_point sink_deadline_{};
  clock::time_point next_look_{};
  clock::time_point stop_deadline_ = clock::time_point::max();
};

}  // namespace weir::pipe_merge
