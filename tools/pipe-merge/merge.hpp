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
  enum class At : std::uint8_t {
    start,  ///< nothing has come
    begun,  ///< its run has begun
    data,   ///< it has taken up its state, as it was told
    ended,  ///< its input is finished
    over    ///< its last barrier has come, or without checkpoints its end
  };
  struct Input {
    Input(std::string input_path, int fd, std::size_t max_line)
        : path(std::move(input_path)), file(fd), reader(fd, max_line) {}
    std::string path;
    state::Descriptor file;
    LineReader reader;
    At at = At::start;
    std::string name;  ///< of its pipeline
    std::string run;
    std::uint64_t epoch = 0;           ///< its last barrier
    std::chrono::milliseconds took{};  ///< for how long its stages stood still for that
    bool held = false;                 ///< no more is taken from it now
    bool fresh = false;                ///< something has come since its last barrier
    bool last = false;                 ///< that was the final one
    bool finished = false;             ///< the words of its end came
  };
  /// An epoch of the whole and where each input was then.
  struct Place {
    std::uint64_t epoch;
    std::vector<std::uint64_t> inputs;
  };

  void open_inputs(std::size_t max_line);
  bool read_some(WaitLimit limit);
  void take_lines(std::size_t i);
  void take(std::size_t i, const Line& line);
  void take_control(std::size_t i, const Line& line);
  void take_end_of_file(std::size_t i);

  void begin(std::size_t i, const Control& control);
  void take_restore(std::size_t i, const Control& control);
  void barrier(std::size_t i, const Control& control);
  std::string folder_of(const Input& input) const;

  bool all(At at) const;
  bool go_on();
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
