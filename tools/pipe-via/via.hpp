// Records through another program, control lines around it.
#pragma once
#include <chrono>
#include <cstdint>
#include <deque>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "command.hpp"
#include "pipeline/checkpoint.hpp"
#include "pipeline/input.hpp"
#include "pipeline/line_loop.hpp"
#include "pipeline/rejects.hpp"
#include "record/line_reader.hpp"

namespace weir::pipe_via {

/// How long a command lives.
enum class Lifetime : std::uint8_t {
  epoch,  ///< from one barrier to the next; without checkpoints from the beginning to the end
  run     ///< to the end, with a marker behind each control line's place
};

struct ViaSettings {
  std::vector<std::string> words;
  Lifetime lifetime = Lifetime::epoch;
  std::vector<int> accepted{0};                  ///< exit statuses that are no failure
  Duration patience = std::chrono::seconds(30);  ///< for a marker, while nothing else moves
};

/// Reads lines, gives those that are records to the command and writes what it says; keeps control lines from it. Reads
/// from and writes to the command as either is ready, so that full pipes cannot stop it.
class Via : private RecordHandler {
 public:
  Via(ViaSettings settings, const InputOptions& input, cli::Context& context);

  cli::Exit run();

 private:
  using clock = std::chrono::steady_clock;
  /// A command with what belongs to its time.
  struct Running {
    Running(const std::vector<std::string>& words, std::size_t max_line)
        : command(words), reader(command.output(), max_line) {}
    Command command;
    LineReader reader;
    std::string to_write;
    bool refuses = false;  ///< it has closed its input
    bool ended = false;    ///< all that it has written was read
  };
  struct Awaited {
    std::uint64_t marker;
    std::string control;  ///< the line whose place it holds
  };

  Verdict on_record(const Record& record) override;
  void on_unusable() override {}
  void on_watermark(Time time, std::string_view line) override;
  void on_unknown_control(std::string_view line) override;
  void on_begin(const Control& control, std::string_view line) override;
  void on_restore(const Control& control, std::string_view line) override;
  void on_barrier(const Control& control) override;
  void on_input_end(std::string_view line) override;
  void pass_on(std::string_view line);
  void send_marker(std::string_view control);
  void release_held();

  void start();
  void write_to_command();
  void read_from_command();
  void take_output(const Line& line);
  void serve();
  template <typename Done>
  void move_until(Done done);
  void poll_command(std::span<pollfd> also, WaitLimit limit);
  void expect_markers();
  void note_lost();
  void note_refusal();
  void end_command();
  void check_status(int status) const;
  void check_stop_limit();

  void after_block(InputFlow flow);
  void wait(std::span<pollfd> input_ready, WaitLimit limit);
  void flush();

  ViaSettings settings_;
  const InputOptions& input_;
  Rejects rejects_;
  EpochOrder order_;
  LineLoop lines_;
  StandardOutput stdout_;
  std::string out_;
  std::optional<Running> running_;
  bool discards_ = false;  ///< what a command writes behind the last barrier belongs to nobody

  std::optional<Time> held_watermark_;  ///< until the command's output is complete
  std::string held_others_;
  std::deque<Awaited> awaited_;
  std::uint64_t marker_ = 0;
  clock::time_point last_move_{};
  clock::time_point stop_deadline_ = clock::time_point::max();
  std::optional<Checkpoint> checkpoint_;  ///< with --state
};

}  // namespace weir::pipe_via
