#include "via.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <system_error>

#include "cli/signals.hpp"
#include "marker.hpp"
#include "pipeline/stop_limit.hpp"
#include "process/spawn.hpp"

namespace weir::pipe_via {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

/// Bytes that may wait for the command to take them.
constexpr std::size_t write_ahead = 256 * 1024;
constexpr std::size_t most_markers = 1024;
constexpr std::size_t most_held = 1 << 20;
/// How long a command may take to finish once the run has been asked to stop; with checkpoints stop_deadline().
constexpr auto finish_limit = seconds(10);

/// Nothing can come out of the command any more, whatever goes in.
struct CommandDone {};

void grow_pipe(int fd) {
#ifdef F_SETPIPE_SZ
  ::fcntl(fd, F_SETPIPE_SZ, 256 * 1024);  // refused past the user's limit: then it stays as it is
#endif
}

}  // namespace

Via::Via(ViaSettings settings, const InputOptions& input, cli::Context& context)
    : RecordHandler(FieldSet(), input.checking()),
      settings_(std::move(settings)),
      input_(input),
      rejects_(input, context),
      lines_(*this, rejects_, input.state.on() ? &order_ : nullptr) {
  process::look_up(settings_.words[0]);
  if (!input.state.on()) return;
  checkpoint_.emplace(input.state, context, 1);
  checkpoint_->keep(rejects_.file(), nullptr);
}

cli::Exit Via::run() {
  Input input(input_, lines_,
              {.on_block = [this](InputFlow flow) { after_block(flow); },
               .wait = [this](std::span<pollfd> ready, WaitLimit limit) { wait(ready, limit); }});
  try {
    if (!checkpoint_) start();
    input.run();
  } catch (const CommandDone&) {
  } catch (const StrictReject&) {
    flush();
    throw;
  } catch (const cli::OutputClosed&) {
    if (!checkpoint_) throw;
    return cli::Exit::failed;  // a stage after this one has failed and reports why: the pipeline starts again
  }
  if (checkpoint_ && !order_.is_over()) return order_.ended_early();
  discards_ = checkpoint_.has_value();
  end_command();
  release_held();
  flush();
  if (checkpoint_) checkpoint_->tidy_at_end(StandardOutput::descriptor());
  stdout_.close();
  return rejects_.finish();
}

// --- lines in --------------------------------------------------------------------------------------------------------

Verdict Via::on_record(const Record& record) {
  if (settings_.lifetime == Lifetime::run && marker_in(record.line()))
    return Verdict::reject("the record looks like a marker of --keep");
  if (!running_) start();
  if (running_->refuses) {
    note_lost();
    return Verdict::ok();
  }
  running_->to_write += record.line();
  running_->to_write += '\n';
  if (running_->to_write.size() > write_ahead)
    move_until([this] { return running_->to_write.size() <= write_ahead / 2 || running_->refuses; });
  return Verdict::ok();
}

void Via::on_begin(const Control& control, std::string_view line) {
  checkpoint_->take(control.run);
  pass_on(line);
}

void Via::on_restore(const Control& control, std::string_view line) {
  checkpoint_->restore(control.epoch, [](SnapshotReader&) {});
  pass_on(line);
}

void Via::on_input_end(std::string_view line) {
  end_command();
  release_held();
  pass_on(line);
}

void Via::on_barrier(const Control& control) {
  if (settings_.lifetime == Lifetime::epoch) {
    end_command();
  } else if (running_) {
    send_marker({});
    expect_markers();
  }
  release_held();
  flush();
  checkpoint_->save([](SnapshotWriter&) {});
  checkpoint_->pass_barrier(control, out_);
  flush();
  checkpoint_->tidy();
}

void Via::pass_on(std::string_view line) {
  out_ += line;
  out_ += '\n';
  flush();
}

/// A watermark keeps its place between the records where markers tell it. Else it comes after all that the command
/// writes: later than promised, never earlier.
void Via::on_watermark(Time time, std::string_view line) {
  if (running_ && settings_.lifetime == Lifetime::epoch) {
    held_watermark_ = std::max(time, held_watermark_.value_or(time));
  } else {
    on_unknown_control(line);
  }
}

void Via::on_unknown_control(std::string_view line) {
  if (running_ && settings_.lifetime == Lifetime::run) return send_marker(line);
  std::string& to = running_ ? held_others_ : out_;
  to += line;
  to += '\n';
  if (held_others_.size() > most_held)
    throw std::runtime_error("too many control lines to hold until the command's output is complete");
}

void Via::release_held() {
  out_ += held_others_;
  held_others_.clear();
  if (held_watermark_) append_watermark(out_, *held_watermark_);
  held_watermark_.reset();
}

void Via::send_marker(std::string_view control) {
  if (awaited_.empty()) last_move_ = clock::now();
  awaited_.push_back({++marker_, std::string(control)});
  if (!running_->refuses) append_marker(running_->to_write, marker_);
  if (awaited_.size() > most_markers)
    move_until([this] { return awaited_.size() <= most_markers / 2 || running_->refuses; });
}

void Via::expect_markers() {
  move_until([this] { return awaited_.empty() || running_->refuses; });
  if (!awaited_.empty()) end_command();
}

/// A command of a whole run that does not want its input any more would leave later epochs without output.
void Via::note_lost() {
  if (!checkpoint_ || settings_.lifetime == Lifetime::epoch) return;
  end_command();
  throw std::runtime_error("the command ended before its input did");
}

// --- the command -----------------------------------------------------------------------------------------------------

void Via::start() {
  running_.emplace(settings_.words, input_.max_line);
  grow_pipe(running_->command.input());
  grow_pipe(running_->command.output());
}

void Via::write_to_command() {
  Running& to = *running_;
  std::size_t written = 0;
  while (written < to.to_write.size() && !to.refuses) {
    const ssize_t n = ::write(to.command.input(), to.to_write.data() + written, to.to_write.size() - written);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0 && errno == EAGAIN) break;
    if (n < 0 && errno == EPIPE) {
      note_refusal();
      return;
    }
    if (n < 0) throw std::system_error(errno, std::generic_category(), "writing to the command");
    written += static_cast<std::size_t>(n);
  }
  if (written > 0) last_move_ = clock::now();
  to.to_write.erase(0, written);
}

/// As for `a | head -1`: what it does not want to read is not its input.
void Via::note_refusal() {
  running_->refuses = true;
  running_->command.close_input();
  running_->to_write.clear();
}

void Via::read_from_command() {
  Running& from = *running_;
  while (!from.ended) {
    const std::uint64_t before = from.reader.bytes();
    from.ended = from.reader.fill() == LineReader::Fill::end;
    while (const auto line = from.reader.next()) take_output(*line);
    if (out_.size() >= stdout_.block()) stdout_.write(out_);
    if (from.reader.bytes() == before) break;
    last_move_ = clock::now();
  }
}

void Via::take_output(const Line& line) {
  if (discards_) return;
  if (line.too_long) return rejects_.reject(line.number, line.text, "the command wrote a line longer than --max-line");
  if (settings_.lifetime == Lifetime::run) {
    if (const auto marker = marker_in(line.text)) {
      if (awaited_.empty() || awaited_.front().marker != *marker)
        throw std::runtime_error(fmt::format("the command has passed on the marker {} out of order", *marker));
      if (!awaited_.front().control.empty()) out_ += awaited_.front().control + '\n';
      awaited_.pop_front();
      return;
    }
  }
  if (is_control_line(line.text)) return rejects_.reject(line.number, line.text, "the command wrote a control line");
  out_ += line.text;
  out_ += '\n';
}

/// Moves what can be moved now.
void Via::serve() {
  if (!running_) return;
  write_to_command();
  read_from_command();
}

/// Waits for the command, one of `also`, the loss of the reader, or a stop.
void Via::poll_command(std::span<pollfd> also, WaitLimit limit) {
  const bool stopping = cli::stop_requested();
  std::array<pollfd, 5> fds{{{StandardOutput::descriptor(), 0, 0},
                             {stopping ? -1 : cli::stop_descriptor(), POLLIN, 0},
                             {-1, 0, 0},
                             {-1, 0, 0},
                             {-1, 0, 0}}};
  if (running_) {
    const short wanted = running_->to_write.empty() ? short{0} : short{POLLOUT};
    if (!running_->refuses) fds[2] = {running_->command.input(), wanted, 0};
    if (!running_->ended) fds[3] = {running_->command.output(), POLLIN, 0};
  }
  if (!also.empty()) fds[4] = also[0];
  if (!awaited_.empty()) {
    const auto left = std::chrono::ceil<milliseconds>(last_move_ + settings_.patience - clock::now());
    if (left <= milliseconds::zero())
      throw std::runtime_error(
          fmt::format("the command has not passed on the marker {{\"@via\":{}}} and does not move: does it write each "
                      "line at once?",
                      awaited_.front().marker));
    if (limit == no_limit || left < limit) limit = left;
  }
  wait_for(fds, limit);
  if ((fds[0].revents & (POLLERR | POLLNVAL)) != 0) throw cli::OutputClosed();
  if (running_ && (fds[2].revents & POLLERR) != 0) note_refusal();
}

template <typename Done>
void Via::move_until(Done done) {
  for (;;) {
    serve();
    if (done()) return;
    stdout_.write(out_);
    check_stop_limit();
    poll_command({}, cli::stop_requested() ? WaitLimit(100) : no_limit);
  }
}

/// Closes its input, takes all that it writes, and looks at how it ended.
void Via::end_command() {
  if (!running_) return;
  move_until([this] { return running_->to_write.empty() || running_->refuses; });
  running_->refuses = true;
  running_->command.close_input();
  move_until([this] { return running_->ended; });
  WaitLimit pause(1);
  while (!running_->command.status()) {
    check_stop_limit();
    poll_command({}, pause);
    pause = std::min(pause * 2, WaitLimit(50));
  }
  const int status = *running_->command.status();
  running_.reset();
  stdout_.write(out_);  // what it wrote before it failed still goes out
  if (!discards_) check_status(status);
  if (awaited_.empty() || discards_) return;
  if (checkpoint_)
    throw std::runtime_error(
        fmt::format("the command ended without the marker {{\"@via\":{}}}", awaited_.front().marker));
  for (const Awaited& each : awaited_) out_ += each.control + '\n';
  awaited_.clear();
}

void Via::check_status(int status) const {
  if (WIFEXITED(status) &&
      std::find(settings_.accepted.begin(), settings_.accepted.end(), WEXITSTATUS(status)) != settings_.accepted.end())
    return;
  throw std::runtime_error(fmt::format("{} ended with {}", settings_.words[0], process::words_of(status)));
}

void Via::check_stop_limit() {
  if (!cli::stop_requested()) return;
  if (stop_deadline_ == clock::time_point::max())
    stop_deadline_ = checkpoint_ ? stop_deadline() : clock::now() + finish_limit;
  if (clock::now() >= stop_deadline_) throw std::runtime_error("stopping: the command has not ended by itself");
}

// --- between the lines -----------------------------------------------------------------------------------------------

void Via::after_block(InputFlow flow) {
  serve();
  if (flow == InputFlow::paused) flush();
  if (!checkpoint_ && running_->refuses && running_->ended) throw CommandDone();
}

void Via::wait(std::span<pollfd> input_ready, WaitLimit limit) {
  poll_command(input_ready, limit);
  serve();
}

void Via::flush() {
  rejects_.flush();
  stdout_.write(out_);
}

}  // namespace weir::pipe_via
