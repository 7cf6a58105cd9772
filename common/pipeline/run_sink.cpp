#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <optional>
#include <stdexcept>
#include <utility>
#include <vector>

#include "cli/signals.hpp"
#include "pipeline/checkpoint.hpp"
#include "pipeline/input.hpp"
#include "pipeline/line_loop.hpp"
#include "pipeline/progress.hpp"
#include "pipeline/rejects.hpp"
#include "pipeline/run.hpp"
#include "pipeline/stop_limit.hpp"
#include "record/control.hpp"

namespace weir {
namespace {

/// How long a sink may take to finish once it has been asked to stop; with checkpoints stop_deadline().
constexpr auto finish_limit = std::chrono::seconds(10);

class SinkRun : private RecordHandler, private RejectLog, private Patience {
 public:
  SinkRun(Sink& sink, const InputOptions& input, cli::Context& context)
      : RecordHandler(sink.fields(), input.checking()),
        sink_(sink),
        input_(input),
        context_(context),
        rejects_(input, context),
        lines_(*this, rejects_, input.state.on() ? &order_ : nullptr),
        progress_(context.log.tool(), context.show_progress) {
    if (!input.state.on()) return;
    if (!input.files.empty())
      throw cli::UsageError("with --state records come from a source on standard input, not from a FILE");
    checkpoint_.emplace(input.state, context, sink.schema());
    checkpoint_->keep(rejects_.file(), nullptr);
  }

  cli::Exit run() {
    try {
      return read_all();
    } catch (const std::exception&) {
      // Whatever the wait for the store was ended by: the words for this are those of an input that ends too early.
      if (ahead_ == Ahead::nothing) return order_.ended_early();
      throw;
    }
  }

 private:
  using clock = std::chrono::steady_clock;

  cli::Exit read_all() {
    sink_.be_patient(*this);
    if (!checkpoint_) sink_.start(*this);
    Input& input = in_.emplace(
        input_, lines_,
        Input::Hooks{.on_block = [this](InputFlow flow) { after_block(flow); },
                     .wait = [this](std::span<pollfd> input_ready, WaitLimit limit) { serve(input_ready, limit); }});
    try {
      input.run();
    } catch (const StrictReject&) {
      if (!checkpoint_ && sink_.finishes_partly()) finish();  // what was right before it still arrives
      rejects_.flush();
      throw;
    }
    if (checkpoint_ && !order_.is_over()) return order_.ended_early();
    if (!checkpoint_ || sink_.finishes_partly()) finish();
    progress_.clear();
    if (const std::string words = sink_.summary(); !words.empty()) context_.log.info(words);
    const cli::Exit exit = rejects_.finish();
    return sink_.failed() ? cli::Exit::failed : exit;
  }

  Verdict on_record(const Record& record) override {
    wait_until_ready();
    if (sink_.holds_epochs() == Sink::Holds::in_memory) held_ += record.line().size();
    return sink_.on_record(record);
  }

  void on_unusable() override { sink_.on_unusable(); }
  void on_watermark(Time time, std::string_view) override { sink_.on_watermark(time); }
  void on_unknown_control(std::string_view) override {}
  void on_input_end(std::string_view) override { sink_.on_end(); }

  void on_restore(const Control& control, std::string_view) override {
    if (control.epoch != checkpoint_->epoch())
      throw std::runtime_error("the source goes on from another epoch than this sink's");
  }

  void on_barrier(const Control& control) override {
    finish_commit();  // of the epoch before
    rejects_.flush();
    checkpoint_->save([this](SnapshotWriter& to) { sink_.snapshot(to); });
    held_ = 0;
    took_ = control.took + checkpoint_->took();
    committing_ = true;
    if (control.final) return finish_commit();
    go_on_committing();
  }

  /// The sink's own store decides where all go on.
  void on_begin(const Control& control, std::string_view) override {
    checkpoint_->take(control.run);
    checkpoint_->run_folder().write_resume(control.run, std::nullopt);
    sink_.open_state(checkpoint_->folder());
    sink_.start(*this);
    const std::optional<std::uint64_t> own = sink_.take_over({checkpoint_->pipe(), control.run});
    const std::uint64_t known = checkpoint_->run_folder().committed();
    checkpoint_->restore(own ? *own : checkpoint_->last_saved(), [this](SnapshotReader& from) { sink_.restore(from); });
    if (!own && checkpoint_->epoch() > 0) {
      if (known >= checkpoint_->epoch()) sink_.was_committed();
      committing_ = true;
      finish_commit();
    }
    write_committed();
    checkpoint_->run_folder().write_resume(control.run, checkpoint_->epoch());
  }

  /// Moves the commit under way on, without waiting for it.
  void go_on_committing() {
    if (!committing_) return;
    const auto began = clock::now();
    const bool committed = sink_.commit(checkpoint_->epoch());
    took_ += std::chrono::round<std::chrono::milliseconds>(clock::now() - began);
    if (!committed) return;
    committing_ = false;
    for (const auto& [line, reason] : std::exchange(refused_, {})) rejects_.count(line, reason);
    checkpoint_->run_folder().write_pace(took_);
    write_committed();
    checkpoint_->tidy(checkpoint_->epoch());
  }

  void write_committed() {
    const auto durable = sink_.repeats_are_seen() ? state::Durable::yes : state::Durable::no;
    checkpoint_->run_folder().write_committed(checkpoint_->epoch(), durable);
  }

  void finish_commit() {
    for (;;) {
      go_on_committing();
      if (!committing_) return;
      check_stop_limit();
      serve({}, WaitLimit(1000));
    }
  }

  void reject(std::uint64_t line, std::string_view raw, std::string_view reason) override {
    rejects_.reject(line, raw, reason);
  }

  void refuse(std::span<const Refusal> refused) override {
    if (!checkpoint_) return RejectLog::refuse(refused);
    std::string lines;
    refused_.clear();
    for (const Refusal& each : refused) {
      rejects_.append(lines, each.line, each.raw, each.reason);
      refused_.emplace_back(each.line, each.reason);
    }
    if (rejects_.strict() && !refused.empty()) {
      rejects_.count(refused.front().line, refused.front().reason);
      throw StrictReject();
    }
    checkpoint_->amend(lines, [this](SnapshotWriter& to) { sink_.snapshot(to); });
  }

  void wait_until_ready() {
    while (!sink_.ready()) {
      check_stop_limit();
      serve({}, WaitLimit(1000));
    }
  }

  void after_block(InputFlow flow) {
    if (flow == InputFlow::paused) rejects_.flush();
    sink_.on_pause(flow == InputFlow::paused);
    if (checkpoint_) checkpoint_->look_at_memory(held_);
    go_on_committing();
    progress_.update(lines_.records());
  }

  /// Lets the sink serve what is its own until input (without one: the loss of who writes it), a signal or the limit.
  void serve(std::span<pollfd> input_ready, WaitLimit limit) {
    const bool stopping = cli::stop_requested();
    std::array<pollfd, 2> also{{{stopping ? -1 : cli::stop_descriptor(), POLLIN, 0}, writers()}};
    if (!input_ready.empty()) also[1] = input_ready[0];
    if (stopping && (limit == no_limit || limit > WaitLimit(100))) limit = WaitLimit(100);
    sink_.wait(also, limit);
  }

  /// Who writes the input, as long as it is of interest whether they are there.
  pollfd writers() const { return {checkpoint_ && ahead_ == Ahead::unknown ? STDIN_FILENO : -1, 0, 0}; }

  std::vector<pollfd> signs() const override { return {{cli::stop_descriptor(), POLLIN, 0}, writers()}; }

  /// Once the run is to stop, the rest must not take for ever.
  bool over() override {
    if (checkpoint_) {
      look_ahead();
      if (ahead_ == Ahead::nothing) return true;
      if (stop_deadline_ == clock::time_point::max()) stop_deadline_ = stop_deadline();
    } else if (cli::stop_requested() && stop_deadline_ == clock::time_point::max()) {
      stop_deadline_ = clock::now() + finish_limit;
    }
    return clock::now() >= stop_deadline_;
  }

  void check_stop_limit() {
    if (over())
      throw std::runtime_error(checkpoint_ ? "stopped before the epoch was committed; the next start takes it up"
                                           : "stopped before all records had arrived; they are lost here");
  }

  /// Looks at how the input ends once no more can come, while the sink does not read it because it waits for its store.
  void look_ahead() {
    if (ahead_ != Ahead::unknown) return;
    if (order_.is_over()) {
      ahead_ = order_.is_finished() ? Ahead::all : Ahead::stop;
    } else {
      const std::optional<std::string> bytes = in_ ? in_->last_bytes() : std::nullopt;
      if (!bytes) return;
      ahead_ = end_of(*bytes);
    }
    // Somebody has asked the source to stop: that holds for this stage too.
    if (ahead_ == Ahead::stop) stop_deadline_ = std::min(stop_deadline(), clock::now() + stop_patience);
  }

  enum class Ahead : std::uint8_t {
    unknown,  ///< more may come
    all,      ///< the finished input, to its last barrier
    stop,     ///< the last barrier of a source that was stopped
    nothing   ///< no last barrier: the source is gone
  };

  static Ahead end_of(std::string_view bytes) {
    const auto take_line = [&bytes] {
      while (bytes.ends_with('\n')) bytes.remove_suffix(1);
      const auto newline = bytes.rfind('\n');
      const std::string_view line = newline == std::string_view::npos ? bytes : bytes.substr(newline + 1);
      bytes.remove_suffix(line.size());
      return parse_control(line);
    };
    const auto last = take_line();
    if (!last || last->word != Control::Word::barrier || !last->final) return Ahead::nothing;
    const auto before = take_line();
    return before && before->word == Control::Word::end ? Ahead::all : Ahead::stop;
  }

  void finish() {
    while (!sink_.finish()) {
      check_stop_limit();
      serve({}, WaitLimit(1000));
    }
  }

  Sink& sink_;
  const InputOptions& input_;
  cli::Context& context_;
  Rejects rejects_;
  EpochOrder order_;
  LineLoop lines_;
  Progress progress_;
  std::optional<Input> in_;
  Ahead ahead_ = Ahead::unknown;  ///< with --state, of the input
  std::uint64_t held_ = 0;        ///< bytes of the epoch's records, where the sink has them in memory
  clock::time_point stop_deadline_ = clock::time_point::max();
  std::optional<Checkpoint> checkpoint_;  ///< with --state
  std::chrono::milliseconds took_{};  ///< for how long this stage and those before it stood still for the last epoch
  bool committing_ = false;           ///< the last epoch, of which the sink has not yet said that all is done
  std::vector<std::pair<std::uint64_t, std::string>> refused_;  ///< of it, to be counted when it is committed
};

}  // namespace

cli::Exit run_sink(Sink& sink, const InputOptions& input, cli::Context& context) {
  return guarded([&] { return SinkRun(sink, input, context).run(); });
}

}  // namespace weir
