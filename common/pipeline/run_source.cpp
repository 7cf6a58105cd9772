#include <algorithm>
#include <array>
#include <chrono>
#include <optional>
#include <stdexcept>

#include "cli/signals.hpp"
#include "pipeline/checkpoint.hpp"
#include "pipeline/rejects.hpp"
#include "pipeline/run.hpp"
#include "pipeline/standard_output.hpp"
#include "pipeline/stop_limit.hpp"
#include "record/control.hpp"

namespace weir {
namespace {

using clock = std::chrono::steady_clock;

/// How long the sink may take to say that it is there.
constexpr auto sink_patience = std::chrono::seconds(15);
/// Checkpoints get this part of the time at most: a tenth.
constexpr int pace_factor = 10;
/// So many epochs may be on their way to the sink.
constexpr std::uint64_t most_unfinished = 64;
/// How often it is looked whether a stage asks for the end of the epoch, in bytes of records.
constexpr std::uint64_t look_every = 1 << 20;

class SourceRun {
 public:
  /// `rejects` may be nullptr.
  SourceRun(Source& source, const SourceOptions& options, Rejects* rejects, cli::Context& context)
      : source_(source), options_(options), rejects_(rejects), context_(context) {
    if (!options.state.on()) return;
    checkpoint_.emplace(options.state, context, source.schema());
    if (rejects != nullptr) checkpoint_->keep(rejects->file(), nullptr);
  }

  cli::Exit run() {
    try {
      const bool ended = (!checkpoint_ || begin()) && produce();
      if (checkpoint_) {
        finish_epochs(ended);
      } else {
        source_.close(out_);
        write();
      }
    } catch (const cli::OutputClosed&) {
      if (!checkpoint_) throw;
      return cli::Exit::failed;  // a stage behind this one is gone, and has said why: the pipeline starts again
    }
    if (checkpoint_) checkpoint_->tidy_at_end(StandardOutput::descriptor());
    if (begun_) note_last_commit();
    stdout_.close();
    if (const std::string words = source_.summary(); !words.empty()) context_.log.info(words);
    const cli::Exit exit = rejects_ == nullptr ? cli::Exit::done : rejects_->finish();
    return source_.failed() ? cli::Exit::failed : exit;
  }

 private:
  /// Until the source ends (true) or the run is asked to stop.
  bool produce() {
    next_beat_ = clock::now() + beat();
    while (!cli::stop_requested()) {
      Source::Step step = Source::Step::end;
      try {
        limit_lines();
        step = source_.next(out_);
      } catch (...) {
        write();  // what was right before it still goes out
        if (rejects_ != nullptr) rejects_->flush();
        throw;
      }
      if (step == Source::Step::end) return true;
      if (checkpoint_) count_epoch();
      if (step == Source::Step::more) {
        if (options_.output.unbuffered || out_.lines.size() >= stdout_.block()) write();
        next_beat_ = clock::now() + beat();
        continue;
      }
      idle();
    }
    return false;
  }

  /// Up to the end of the epoch; where one that is due cannot end yet, as many lines once more.
  void limit_lines() {
    if (!checkpoint_ || !options_.checkpoint_records) return;
    const std::uint64_t lines = epoch_lines_ + lines_waiting();
    out_.wanted = *options_.checkpoint_records - lines % *options_.checkpoint_records;
  }

  void idle() {
    write();
    if (rejects_ != nullptr) rejects_->flush();
    WaitLimit limit = no_limit;
    if (options_.heartbeat) {
      if (clock::now() >= next_beat_) {
        if (const auto time = source_.promise(std::chrono::floor<Duration>(std::chrono::system_clock::now()))) {
          append_watermark(out_.lines, *time);
          write();
        }
        next_beat_ = clock::now() + beat();
      }
      limit = std::chrono::ceil<WaitLimit>(next_beat_ - clock::now());
    }
    if (checkpoint_ && (epoch_size_ > 0 || committed_ < checkpoint_->epoch())) {
      const auto left = std::max(std::chrono::ceil<WaitLimit>(epoch_end_ - clock::now()), WaitLimit(1));
      if (limit == no_limit || left < limit) limit = left;
    }
    wait(limit);
  }

  void wait(WaitLimit limit) {
    std::array<pollfd, 2> also{{{StandardOutput::descriptor(), 0, 0}, {cli::stop_descriptor(), POLLIN, 0}}};
    source_.wait(also, limit);
    look_at_reader(also[0]);
  }

  static void look_at_reader(const pollfd& reader) {
    if ((reader.revents & (POLLERR | POLLNVAL)) != 0) throw cli::OutputClosed();
  }

  Duration beat() const { return options_.heartbeat.value_or(Duration::zero()); }

  void write() {
    if (checkpoint_) epoch_size_ += out_.lines.size();
    if (options_.checkpoint_records) epoch_lines_ += lines_waiting();
    stdout_.write(out_.lines);
  }

  std::uint64_t lines_waiting() const {
    return static_cast<std::uint64_t>(std::count(out_.lines.begin(), out_.lines.end(), '\n'));
  }

  /// Agrees with the sink on where to go on. False when the run was asked to stop meanwhile.
  bool begin() {
    checkpoint_->take(state::new_run());
    source_.open_state(checkpoint_->folder());
    append_begin(out_.lines, checkpoint_->pipe(), checkpoint_->run());
    write();
    const auto deadline = clock::now() + sink_patience;
    WaitLimit pause(1);
    for (;;) {
      if (cli::stop_requested()) return false;
      const state::RunFolder::Resume resume = checkpoint_->run_folder().resume(checkpoint_->run());
      if (resume.epoch) {
        checkpoint_->restore(*resume.epoch, [this](SnapshotReader& from) { source_.restore(from); });
        committed_ = began_at_ = *resume.epoch;
        checkpoint_->run_folder().withdraw_asking();  // of a run before
        begun_ = true;
        append_restore(out_.lines, checkpoint_->run(), *resume.epoch);
        write();
        new_epoch();
        return true;
      }
      if (!resume.heard && clock::now() >= deadline)
        throw cli::UsageError("no sink of this pipeline keeps state: a pipeline with --state ends in one that does");
      std::array<pollfd, 2> also{{{StandardOutput::descriptor(), 0, 0}, {cli::stop_descriptor(), POLLIN, 0}}};
      wait_for(also, pause);
      look_at_reader(also[0]);
      pause = std::min(pause * 2, WaitLimit(20));
    }
  }

  void new_epoch() {
    epoch_size_ = 0;
    epoch_lines_ = 0;
    next_look_ = look_every;
    epoch_begin_ = clock::now();
    set_epoch_end();
  }

  /// Large states take long to write, and all stages stand meanwhile: then epochs are so much longer.
  void set_epoch_end() {
    epoch_end_ = epoch_begin_ + std::max<clock::duration>(options_.checkpoint_every, pace_factor * stand_);
  }

  /// Ends the epoch when it is long enough and not too many are on their way.
  void count_epoch() {
    const bool any = epoch_size_ > 0 || !out_.lines.empty();
    bool due = is_asked_for();
    if (options_.checkpoint_records) {
      due = due || epoch_lines_ + lines_waiting() >= *options_.checkpoint_records;
    }
    const auto now = clock::now();
    if (!due && now < epoch_end_) return;
    note_committed();
    if (!due && now < epoch_end_) return;  // checkpoints have become slower
    // Until the first is through it is not known how long they take.
    const bool known = due || committed_ > began_at_ || checkpoint_->epoch() == began_at_;
    if (any && known && checkpoint_->epoch() - committed_ < most_unfinished) {
      barrier(Barrier::middle);
    } else if (now >= epoch_end_) {
      epoch_end_ = now + options_.checkpoint_every;
    }
  }

  /// A stage behind this one, or this one, has much of the epoch in memory.
  bool is_asked_for() {
    const std::uint64_t size = epoch_size_ + out_.lines.size();
    if (size < next_look_) return false;
    next_look_ = size + look_every;
    checkpoint_->look_at_memory(0);
    return checkpoint_->run_folder().barrier_asked_for();
  }

  void note_committed() {
    const std::uint64_t committed = checkpoint_->run_folder().committed();
    if (committed <= committed_) return;
    source_.committed(committed - committed_);
    committed_ = committed;
    checkpoint_->tidy(committed);
    // One that took long by chance, as when the disk was busy, says nothing of the next.
    const auto took = checkpoint_->run_folder().pace();
    stand_ = std::min(took, last_took_.value_or(took));
    last_took_ = took;
    set_epoch_end();
  }

  void note_last_commit() {
    const auto deadline = last_commit_deadline();
    for (bool gone = false;;) {
      note_committed();
      if (!source_.wants_last_commit() || committed_ == checkpoint_->epoch() || gone || clock::now() >= deadline)
        return;
      std::array<pollfd, 1> reader{{{StandardOutput::descriptor(), 0, 0}}};
      wait_for(reader, WaitLimit(5));
      gone = (reader[0].revents & (POLLERR | POLLNVAL)) != 0;  // it has committed, or nobody is going to
    }
  }

  void barrier(Barrier kind) {
    if (rejects_ != nullptr) rejects_->flush();
    checkpoint_->run_folder().withdraw_asking();
    checkpoint_->save([this](SnapshotWriter& to) { source_.snapshot(to); }, source_.place());
    append_barrier(out_.lines, checkpoint_->epoch(), kind, checkpoint_->took());
    write();
    new_epoch();
  }

  /// The last barrier, behind the end of input or, when the run was asked to stop, without it: the next start goes on.
  void finish_epochs(bool ended) {
    if (!begun_) return;
    if (ended) {
      source_.close(out_);
      append_end(out_.lines);
    }
    barrier(Barrier::final);
  }

  Source& source_;
  const SourceOptions& options_;
  Rejects* rejects_;
  cli::Context& context_;
  StandardOutput stdout_;
  Output out_;
  clock::time_point next_beat_{};
  std::optional<Checkpoint> checkpoint_;  ///< with --state
  bool begun_ = false;
  std::uint64_t committed_ = 0;
  std::uint64_t next_look_ = look_every;  ///< bytes of the epoch
  std::uint64_t epoch_size_ = 0;
  std::uint64_t epoch_lines_ = 0;
  std::uint64_t began_at_ = 0;         ///< the epoch that this run took up
  std::chrono::milliseconds stand_{};  ///< for how long all stages stand still for a checkpoint
  std::optional<std::chrono::milliseconds> last_took_;
  clock::time_point epoch_begin_{};
  clock::time_point epoch_end_{};
};

}  // namespace

cli::Exit run_source(Source& source, const SourceOptions& options, cli::Context& context) {
  return guarded([&] { return SourceRun(source, options, nullptr, context).run(); });
}

cli::Exit run_source(Source& source, const SourceOptions& options, const RejectOptions& rejects,
                     cli::Context& context) {
  Rejects log(rejects, context);
  source.start(log);
  return guarded([&] { return SourceRun(source, options, &log, context).run(); });
}

}  // namespace weir
