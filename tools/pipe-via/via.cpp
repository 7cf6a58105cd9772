#include "via.hpp"

#include <fmt/format.h>
#include <poll.h>
#include <sys/wait.h>

#include <algorithm>
#include <array>
#include <stdexcept>

#include "process/spawn.hpp"
#include "record/control_key.hpp"
#include "state/stage_folder.hpp"

namespace weir::pipe_via {
namespace {

using std::chrono::milliseconds;

/// Bytes that may wait for the command to take them.
constexpr std::size_t write_ahead = 256 * 1024;
constexpr std::size_t most_markers = 1024;
/// Bytes of unknown control lines that may wait for the command's output.
constexpr std::size_t most_held = 1 << 20;

/// The keys by which weir knows lines that are not records. A command may spell them otherwise than they came.
struct ReservedKeys {
  FieldSet fields;
  FieldId marker = fields.add("@via");
  FieldId control = fields.add(control_key);
};
const ReservedKeys reserved;

}  // namespace

Via::Via(ViaSettings settings, const InputOptions& input, cli::Context& context, Descriptors descriptors)
    : MiddleRun({.fields = reserved.fields, .input = input, .context = context, .descriptors = descriptors}),
      settings_(std::move(settings)),
      max_line_(input.max_line),
      marker_format_(state::new_run()) {
  process::look_up(settings_.command[0]);
}

void Via::on_start() {
  if (!keeps_state()) start();
}

// --- lines in --------------------------------------------------------------------------------------------------------

Verdict Via::on_record(const Record& record) {
  if (record[reserved.control].kind != Kind::missing)
    return Verdict::reject("its field @ctl would make it a control line");
  if (settings_.lifetime == Lifetime::run && record[reserved.marker].kind != Kind::missing)
    return Verdict::reject("its field @via is that of the markers of --keep");
  if (!command_) start();
  if (!takes_input()) {
    // A command of a whole run that has closed its input would leave later epochs without output.
    if (keeps_state() && settings_.lifetime == Lifetime::run) {
      end_command();
      throw std::runtime_error("the command ended before its input did");
    }
    return Verdict::ok();
  }
  command_->append(record.line());
  if (command_->unwritten() > write_ahead) exchange_until([this] { return command_->unwritten() <= write_ahead / 2; });
  return Verdict::ok();
}

/// A watermark keeps its place between the records where markers tell it. Else it comes after all that the command
/// writes: later than promised, never earlier.
void Via::on_watermark(Time time, std::string_view line) {
  if (!command_ || settings_.lifetime == Lifetime::run) return on_unknown_control(line);
  held_watermark_ = std::max(time, held_watermark_.value_or(time));
}

void Via::on_unknown_control(std::string_view line) {
  if (!command_) return append_line(out().lines, line);
  if (settings_.lifetime == Lifetime::run) return send_marker(line);
  append_line(held_others_, line);
  if (held_others_.size() > most_held)
    throw std::runtime_error("too many control lines to hold until the command's output is complete");
}

void Via::release_held() {
  out().lines += held_others_;
  held_others_.clear();
  if (held_watermark_) append_watermark(out().lines, *held_watermark_);
  held_watermark_.reset();
}

void Via::send_marker(std::string_view control) {
  std::string line;
  marker_format_.append(line, markers_.add(control, clock::now()));
  line.pop_back();
  if (takes_input()) command_->append(line);
  if (markers_.count() > most_markers)
    exchange_until([this] { return markers_.count() <= most_markers / 2 || !takes_input(); });
}

void Via::await_markers() {
  exchange_until([this] { return markers_.empty() || !takes_input(); });
  if (!markers_.empty()) end_command();
}

void Via::complete() {
  if (settings_.lifetime == Lifetime::epoch) {
    end_command();
  } else if (command_) {
    send_marker({});
    await_markers();
  }
  release_held();
}

void Via::finish() {
  end_command();
  release_held();
}

/// Ends a command of a whole run that the final barrier has left running.
void Via::on_over() {
  discards_ = keeps_state();
  finish();
}

// --- the command -----------------------------------------------------------------------------------------------------

void Via::start() { command_.emplace(settings_.command, max_line_); }

/// Writes and reads what can be written and read now.
void Via::exchange() {
  if (!command_) return;
  bool moved = command_->write();
  for (bool more = true; more;) {
    more = command_->read();
    while (const auto line = command_->next_line()) take_output(*line);
    write_block();
    moved = moved || more;
  }
  if (moved) markers_.note_move(clock::now());
}

void Via::take_output(const Line& line) {
  if (discards_) return;
  if (line.too_long) return rejects().reject(line.number, line.text, "the command wrote a line longer than --max-line");
  if (settings_.lifetime == Lifetime::run) {
    if (const auto marker = marker_format_.number_in(line.text)) {
      if (const std::string control = markers_.pass(*marker); !control.empty()) append_line(out().lines, control);
      return;
    }
  }
  if (is_control_line(line.text)) return rejects().reject(line.number, line.text, "the command wrote a control line");
  append_line(out().lines, line.text);
}

/// The rest of the time that a marker may stay away. Throws std::runtime_error when it is over.
WaitLimit Via::marker_limit(WaitLimit limit) const {
  if (markers_.empty()) return limit;
  const auto left = std::chrono::ceil<milliseconds>(markers_.last_move() + settings_.marker_timeout - clock::now());
  if (left <= milliseconds::zero())
    throw std::runtime_error(
        fmt::format("the command has not passed on marker {} and does not move: does it write each line at once?",
                    markers_.first()));
  return limit == no_limit ? left : std::min(left, limit);
}

void Via::wait_for_own(std::span<pollfd> also, WaitLimit limit) {
  std::array<pollfd, 2> own{{{-1, 0, 0}, {-1, POLLIN, 0}}};
  if (command_) {
    const bool waits_to_write = command_->unwritten() > 0;
    own[0] = {command_->input(), waits_to_write ? short{POLLOUT} : short{0}, 0};
    own[1].fd = command_->output();
  }
  wait_for(own, also, marker_limit(limit));
  if (!command_) return;
  if ((own[0].revents & POLLERR) != 0) command_->close_input();
  exchange();
}

template <typename Done>
void Via::exchange_until(Done done, WaitLimit limit) {
  for (;;) {
    exchange();
    if (done()) return;
    wait_for_outside("stopping: the command has not ended by itself", limit);
  }
}

/// Closes the command's input, takes the rest of its output, and checks its exit status.
void Via::end_command() {
  if (!command_) return;
  exchange_until([this] { return command_->unwritten() == 0; });
  command_->close_input();
  exchange_until([this] { return command_->output_ended(); });
  for (WaitLimit pause(1); !command_->status(); pause = std::min(pause * 2, WaitLimit(50)))
    wait_for_outside("stopping: the command has not ended by itself", pause);
  const int status = *command_->status();
  command_.reset();
  write_lines();  // its output before a failure still goes out
  if (discards_) return;
  check_status(status);
  if (markers_.empty()) return;
  if (keeps_state())
    throw std::runtime_error(fmt::format("the command ended without passing on marker {}", markers_.first()));
  out().lines += markers_.drop_all();
}

void Via::check_status(int status) const {
  if (WIFEXITED(status) &&
      std::find(settings_.accepted.begin(), settings_.accepted.end(), WEXITSTATUS(status)) != settings_.accepted.end())
    return;
  throw std::runtime_error(fmt::format("{} ended with {}", settings_.command[0], process::describe_status(status)));
}

void Via::on_block(InputFlow) {
  exchange();
  if (!keeps_state() && !takes_input() && command_->output_ended()) throw NothingMore();
}

}  // namespace weir::pipe_via
