#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <optional>

#include "cli/signals.hpp"
#include "pipeline/epochs.hpp"
#include "pipeline/input.hpp"
#include "pipeline/progress.hpp"
#include "pipeline/rejects.hpp"
#include "pipeline/run.hpp"
#include "pipeline/writer.hpp"
#include "record/control.hpp"

namespace weir {
namespace {

constexpr std::size_t side_block = 64 * 1024;

/// Progress of a stage in the middle of a pipe would be written over by its neighbours'.
bool output_is_file() {
  struct stat status {};
  return ::fstat(STDOUT_FILENO, &status) == 0 && S_ISREG(status.st_mode);
}

class FilterRun {
 public:
  FilterRun(Filter& filter, const InputOptions& input, const OutputOptions& output, cli::Context& context,
            const std::vector<std::string>& sides)
      : filter_(filter),
        input_(input),
        unbuffered_(output.unbuffered),
        context_(context),
        parser_(filter.fields(), input.checking()),
        rejects_(input, context),
        progress_(context.log.tool(), context.show_progress && output_is_file()) {
    out_.sides.resize(sides.size());
    out_.drain = [this] { stdout_.write(out_.lines); };
    for (const std::string& path : sides) sides_.emplace_back(path).open();
    if (!input.state.on()) return;
    if (!input.files.empty())
      throw cli::UsageError("with --state records come from a source on standard input, not from a FILE");
    epochs_.emplace(input.state, context, filter.schema());
    epochs_->keep(rejects_.file(), &sides_);
  }

  cli::Exit run() {
    Input input(input_, {.on_line = [this](const Line& line) { take(line); },
                         .on_read = [this](std::string_view lines) { parser_.prepare(lines); },
                         .on_block = [this](bool paused) { after_block(paused); },
                         .wait = [](std::span<pollfd> input_ready, WaitLimit limit) { wait(input_ready, limit); },
                         .on_file = [this](const std::string& file) { rejects_.set_file(file); }});
    try {
      input.run();
    } catch (const StrictReject&) {
      flush();  // what was right before it still goes out
      rejects_.flush();
      throw;
    } catch (const cli::OutputClosed&) {
      if (!epochs_) throw;
      return cli::Exit::failed;  // a stage behind this one is gone, and has said why: the pipeline starts again
    }
    if (epochs_ && !epochs_->at_end()) return epochs_->ended_early();
    if (!epochs_) {
      filter_.on_end(out_);
      flush();
    }
    if (epochs_) epochs_->tidy_at_end(StandardOutput::descriptor());
    stdout_.close();
    progress_.clear();
    if (const std::string words = filter_.summary(); !words.empty()) context_.log.info(words);
    if (const std::string words = filter_.statistics(records_, rejects_.count()); !words.empty())
      context_.log.info(words);
    return rejects_.finish();
  }

 private:
  void take(const Line& line) {
    if (!line.too_long && is_control_line(line.text)) return take_control(line);
    if (epochs_) epochs_->expect_data();
    ++records_;
    if (line.too_long) return unusable(line, "the line is longer than --max-line");
    const Record* record = parser_.parse(line.text, line.number);
    if (record == nullptr) return unusable(line, parser_.reason());
    if (const Verdict verdict = filter_.on_record(*record, out_); verdict.rejected())
      rejects_.reject(line.number, line.text, verdict.reason());
    if (unbuffered_ || out_.lines.size() >= stdout_.block()) stdout_.write(out_.lines);
  }

  void unusable(const Line& line, std::string_view reason) {
    filter_.on_unusable();
    rejects_.reject(line.number, line.text, reason);
  }

  void take_control(const Line& line) {
    const auto control = parse_control(line.text);
    const bool of_no_use = control && control->is_of_checkpoints() && !epochs_;
    if (!control || of_no_use) {
      ++records_;
      return unusable(line, of_no_use ? no_state : "a malformed control line");
    }
    bool passed = false;
    if (control->word == Control::Word::watermark) {
      filter_.on_watermark(control->time, out_);
      if (const Time promised = filter_.promise(control->time); promised != control->time) {
        append_watermark(out_.lines, promised);
        passed = true;
      }
    }
    if (control->is_of_checkpoints()) take_epoch_word(*control);
    if (control->word == Control::Word::barrier) {
      epochs_->pass_barrier(*control, out_.lines);
    } else if (!passed) {
      out_.lines += line.text;
      out_.lines += '\n';
    }
    if (unbuffered_ || control->is_of_checkpoints()) stdout_.write(out_.lines);
    if (control->word == Control::Word::barrier) epochs_->tidy();
  }

  /// What has to happen before such a word is passed on.
  void take_epoch_word(const Control& control) {
    switch (control.word) {
      case Control::Word::begin:
        return epochs_->begin(control);
      case Control::Word::restore:
        return epochs_->restore(control, [this](SnapshotReader& from) { filter_.restore(from); });
      case Control::Word::end:
        epochs_->end();
        return filter_.on_end(out_);
      default:
        flush();
        return epochs_->barrier(control, [this](SnapshotWriter& to) { filter_.snapshot(to); });
    }
  }

  void after_block(bool paused) {
    filter_.on_pause(paused);
    if (paused) flush();
    for (std::size_t i = 0; i < sides_.size(); ++i)
      if (out_.sides[i].size() >= side_block) sides_[i].write(out_.sides[i]);
    if (epochs_) epochs_->look_at_memory(0);
    progress_.update(records_);
  }

  void flush() {
    for (std::size_t i = 0; i < sides_.size(); ++i) sides_[i].write(out_.sides[i]);
    rejects_.flush();
    stdout_.write(out_.lines);
  }

  /// Waits for input, a signal, or the loss of the reader.
  static void wait(std::span<pollfd> input_ready, WaitLimit limit) {
    const bool stopping = cli::stop_requested();
    std::array<pollfd, 3> fds{
        {input_ready[0], {StandardOutput::descriptor(), 0, 0}, {stopping ? -1 : cli::stop_descriptor(), POLLIN, 0}}};
    wait_for(fds, limit);
    if ((fds[1].revents & (POLLERR | POLLNVAL)) != 0) throw cli::OutputClosed();
  }

  Filter& filter_;
  const InputOptions& input_;
  bool unbuffered_;
  cli::Context& context_;
  RecordParser parser_;
  Rejects rejects_;
  StandardOutput stdout_;
  Output out_;
  std::vector<SideFile> sides_;
  Progress progress_;
  std::uint64_t records_ = 0;
  std::optional<Epochs> epochs_;  ///< with --state
};

}  // namespace

cli::Exit run_filter(Filter& filter, const InputOptions& input, const OutputOptions& output, cli::Context& context,
                     const std::vector<std::string>& sides) {
  return FilterRun(filter, input, output, context, sides).run();
}

}  // namespace weir
