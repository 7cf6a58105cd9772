#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <optional>

#include "cli/signals.hpp"
#include "pipeline/checkpoint.hpp"
#include "pipeline/input.hpp"
#include "pipeline/line_loop.hpp"
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

class FilterRun : private RecordHandler {
 public:
  FilterRun(Filter& filter, const InputOptions& input, const OutputOptions& output, cli::Context& context,
            const std::vector<std::string>& sides)
      : RecordHandler(filter.fields(), input.checking()),
        filter_(filter),
        input_(input),
        unbuffered_(output.unbuffered),
        context_(context),
        rejects_(input, context),
        lines_(*this, rejects_, input.state.on() ? &order_ : nullptr),
        progress_(context.log.tool(), context.show_progress && output_is_file()) {
    out_.sides.resize(sides.size());
    out_.drain = [this] { stdout_.write(out_.lines); };
    for (const std::string& path : sides) sides_.emplace_back(path).open();
    if (!input.state.on()) return;
    if (!input.files.empty())
      throw cli::UsageError("with --state records come from a source on standard input, not from a FILE");
    checkpoint_.emplace(input.state, context, filter.schema());
    checkpoint_->keep(rejects_.file(), &sides_);
  }

  cli::Exit run() {
    Input input(input_, lines_,
                {.on_block = [this](InputFlow flow) { after_block(flow); },
                 .wait = [](std::span<pollfd> input_ready, WaitLimit limit) { wait(input_ready, limit); }});
    try {
      input.run();
    } catch (const StrictReject&) {
      flush();  // what was right before it still goes out
      rejects_.flush();
      throw;
    } catch (const cli::OutputClosed&) {
      if (!checkpoint_) throw;
      return cli::Exit::failed;  // a stage after this one has failed and reports why: the pipeline starts again
    }
    if (checkpoint_ && !order_.is_over()) return order_.ended_early();
    if (!checkpoint_) {
      filter_.on_end(out_);
      flush();
    }
    if (checkpoint_) checkpoint_->tidy_at_end(StandardOutput::descriptor());
    stdout_.close();
    progress_.clear();
    report();
    return rejects_.finish();
  }

 private:
  void report() const {
    if (const std::string text = filter_.summary(); !text.empty()) context_.log.info(text);
    if (const std::string text = filter_.statistics(lines_.records(), rejects_.count()); !text.empty())
      context_.log.info(text);
  }

  Verdict on_record(const Record& record) override {
    Verdict verdict = filter_.on_record(record, out_);
    if (unbuffered_ || out_.lines.size() >= stdout_.block()) stdout_.write(out_.lines);
    return verdict;
  }

  void on_unusable() override { filter_.on_unusable(); }

  void on_watermark(Time time, std::string_view line) override {
    filter_.on_watermark(time, out_);
    if (const Time promised = filter_.promise(time); promised != time) {
      append_watermark(out_.lines, promised);
    } else {
      append(line);
    }
    if (unbuffered_) stdout_.write(out_.lines);
  }

  void on_unknown_control(std::string_view line) override {
    append(line);
    if (unbuffered_) stdout_.write(out_.lines);
  }

  void on_begin(const Control& control, std::string_view line) override {
    checkpoint_->take(control.run);
    pass_on(line);
  }

  void on_restore(const Control& control, std::string_view line) override {
    checkpoint_->restore(control.epoch, [this](SnapshotReader& from) { state(StateArchive(from)); });
    pass_on(line);
  }

  void state(StateArchive archive) { filter_.state(archive); }

  void on_input_end(std::string_view line) override {
    filter_.on_end(out_);
    pass_on(line);
  }

  void on_barrier(const Control& control) override {
    flush();
    checkpoint_->save([this](SnapshotWriter& to) { state(StateArchive(to)); });
    checkpoint_->pass_barrier(control, out_.lines);
    stdout_.write(out_.lines);
    checkpoint_->tidy();
  }

  void append(std::string_view line) {
    out_.lines += line;
    out_.lines += '\n';
  }

  /// The stages after this one wait for control lines of checkpoints.
  void pass_on(std::string_view line) {
    append(line);
    stdout_.write(out_.lines);
  }

  void after_block(InputFlow flow) {
    filter_.on_pause(flow == InputFlow::paused);
    if (flow == InputFlow::paused) flush();
    for (std::size_t i = 0; i < sides_.size(); ++i)
      if (out_.sides[i].size() >= side_block) sides_[i].write(out_.sides[i]);
    if (checkpoint_) checkpoint_->look_at_memory(0);
    progress_.update(lines_.records());
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
  Rejects rejects_;
  EpochOrder order_;
  LineLoop lines_;
  StandardOutput stdout_;
  Output out_;
  std::vector<SideFile> sides_;
  Progress progress_;
  std::optional<Checkpoint> checkpoint_;  ///< with --state
};

}  // namespace

cli::Exit run_filter(Filter& filter, const InputOptions& input, const OutputOptions& output, cli::Context& context,
                     const std::vector<std::string>& sides) {
  return FilterRun(filter, input, output, context, sides).run();
}

}  // namespace weir
