// Records through another program, control lines around it.
#pragma once
#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "command.hpp"
#include "marker.hpp"
#include "pipeline/middle_run.hpp"

namespace weir::pipe_via {

/// How long a command lives.
enum class Lifetime : std::uint8_t {
  epoch,  ///< from one barrier to the next; without checkpoints from the start to the end
  run     ///< to the end, with a marker in the place of each control line
};

struct ViaSettings {
  std::vector<std::string> command;  ///< the program and its arguments
  Lifetime lifetime = Lifetime::epoch;
  std::vector<int> accepted{0};                        ///< exit statuses that are not a failure
  Duration marker_timeout = std::chrono::seconds(30);  ///< while the command neither reads nor writes
};

/// Gives records to the command and writes its output; control lines go around it. Reads from and writes to the command
/// as either is ready, so that full pipes cannot stop it.
class Via : public MiddleRun {
 public:
  /// Throws process::NoProgram.
  Via(ViaSettings settings, const InputOptions& input, cli::Context& context, Descriptors descriptors = {});

 private:
  using clock = std::chrono::steady_clock;

  // What the run asks for:
  void on_start() override;
  Verdict on_record(const Record& record) override;
  void on_unusable() override {}
  void on_watermark(Time time, std::string_view line) override;
  void on_unknown_control(std::string_view line) override;
  void complete() override;
  void finish() override;
  void state(StateArchive&) override {}
  void on_block(InputFlow flow) override;
  void wait_for_own(std::span<pollfd> also, WaitLimit limit) override;
  void on_over() override;

  // The command:
  void start();
  void exchange();
  void take_output(const Line& line);
  bool takes_input() const { return command_->takes_input(); }
  template <typename Done>
  void exchange_until(Done done, WaitLimit limit = no_limit);
  WaitLimit marker_limit(WaitLimit limit) const;
  void end_command();
  void check_status(int status) const;

  // Control lines that wait for the command's output:
  void send_marker(std::string_view control);
  void await_markers();
  void release_held();

  ViaSettings settings_;
  std::size_t max_line_;
  std::optional<Command> command_;
  bool discards_ = false;  ///< output after the final barrier belongs to no epoch

  MarkerFormat marker_format_;
  Markers markers_;                     ///< of a command of a whole run
  std::optional<Time> held_watermark_;  ///< until the output of a command of one epoch is complete
  std::string held_others_;
};

}  // namespace weir::pipe_via
