#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <limits>
#include <optional>
#include <span>

#include "cli/signals.hpp"
#include "pipeline/bystander.hpp"
#include "pipeline/checkpoint.hpp"
#include "pipeline/epoch_end.hpp"
#include "pipeline/epoch_lines.hpp"
#include "pipeline/metrics_file.hpp"
#include "pipeline/rejects.hpp"
#include "pipeline/run.hpp"
#include "pipeline/run_report.hpp"
#include "pipeline/sink_answer.hpp"
#include "pipeline/standard_output.hpp"
#include "record/control.hpp"
#include "state/isolation.hpp"
#include "time/timestamp.hpp"

namespace weir {
namespace {

using clock = std::chrono::steady_clock;

/// Epochs that may be on their way to the sink.
constexpr std::uint64_t most_unfinished = 64;
/// Bytes of records between two looks at whether a stage asks for the end of the epoch.
constexpr std::uint64_t look_every = 1 << 20;

/// Throws cli::UsageError where no sink can be behind the descriptor: the source would wait for its answer for ever.
void check_sink(int fd) {
  struct stat status {};
  if (::fstat(fd, &status) != 0) return;
  const bool is_file = S_ISREG(status.st_mode);
  if (is_file || S_ISCHR(status.st_mode))
    throw cli::UsageError(
        fmt::format("with --state the records go through a pipe to a sink, which commits them; standard output is {}",
                    is_file ? "a file: let csv-append --state write it" : "a terminal or a device"));
}

class SourceRun : private SourceHost {
 public:
  SourceRun(AnySource& source, const SourceOptions& options, cli::Context& context)
      : source_(source),
        options_(options),
        context_(context),
        rejects_(options.rejects, context),
        report_(options.rejects, context.log, {}, {}),
        metrics_(options.state, context.log) {
    if (!options.state.on()) return;
    check_sink(stdout_.fd());
    checkpoint_.emplace(options.state, context, source.schema());
    checkpoint_->keep(rejects_.file(), nullptr);
    if (const auto text = context.environment.get(state::isolation_variable)) isolation_ = state::read_isolation(*text);
  }

  cli::Exit run() {
    try {
      if (checkpoint_) {
        if (start_epochs()) finish_epochs(produce());
      } else {
        source_.start(*this);
        source_.begin();
        produce();
        source_.finish(out_);
        write();
      }
    } catch (const cli::OutputClosed&) {
      if (!checkpoint_) throw;
      source_.close();
      end_as_bystander();
      return cli::Exit::failed;  // a later stage is gone and has reported why: the pipeline starts again
    }
    if (checkpoint_) checkpoint_->tidy_at_end(stdout_.fd());
    if (begun_) note_last_commit();
    stdout_.close();
    if (begun_ || !checkpoint_) source_.close();
    write_metrics();
    if (const std::string text = source_.summary(); !text.empty()) context_.log.info(text);
    const cli::Exit exit = rejects_.finish();
    return source_.failed() ? cli::Exit::failed : exit;
  }

 private:
  void reject(std::uint64_t line, std::string_view raw, std::string_view reason) override {
    rejects_.reject(line, raw, reason);
  }
  void reject_from(const Origin& origin, std::uint64_t line, std::string_view raw, std::string_view reason) override {
    rejects_.reject_from(origin, line, raw, reason);
  }
  void set_file(const std::string& file) override { rejects_.set_file(file); }
  Log& log() override { return context_.log; }
  const std::string& folder() const override { return folder_; }

  /// Runs until the source ends (true) or the run is asked to stop.
  bool produce() {
    next_beat_ = clock::now() + beat();
    while (!cli::stop_requested()) {
      AnySource::Step step = AnySource::Step::end;
      try {
        limit_lines();
        step = source_.next(out_);
      } catch (...) {
        stdout_.write(out_.lines);  // the lines before the failure still go out
        rejects_.flush();
        throw;
      }
      set_aside();
      if (report_.is_due()) report_.report({}, rejects_.count());
      if (metrics_.is_due()) write_metrics();
      if (step == AnySource::Step::end) return true;
      if (checkpoint_) count_epoch();
      if (step == AnySource::Step::more) {
        if (options_.output.unbuffered || out_.lines.size() >= stdout_.block()) write();
        next_beat_ = clock::now() + beat();
        continue;
      }
      idle();
    }
    return false;
  }

  /// Limits next() to the lines that are left of the epoch; where one is due and cannot end yet, to as many again.
  void limit_lines() {
    out_.wanted = std::numeric_limits<std::uint64_t>::max();
    if (left_to_set_aside_ > 0) {
      out_.wanted = 1;
    } else if (epoch_lines_) {
      out_.wanted = epoch_lines_->left(lines_waiting());
    }
  }

  /// The greatest number of lines in this epoch.
  std::optional<std::uint64_t> most_lines() const {
    const auto isolated = isolated_lines();
    if (!isolated || !options_.checkpoint_records) return isolated ? isolated : options_.checkpoint_records;
    return std::min(*isolated, *options_.checkpoint_records);
  }

  /// With a record to be found, the greatest number of lines in this epoch.
  std::optional<std::uint64_t> isolated_lines() const {
    if (!isolation_) return std::nullopt;
    return isolation_->lines_of(checkpoint_->epoch() - began_at_);
  }

  /// Rejects the lines that have been appended as long as some are to be set aside.
  void set_aside() {
    while (left_to_set_aside_ > 0 && !out_.lines.empty()) {
      const std::uint64_t number = isolation_->set_aside - --left_to_set_aside_;
      const std::size_t end = out_.lines.find('\n');
      const std::string position = source_.position_text();
      // The source alone knows the line's number in what it reads.
      rejects_.reject(0, std::string_view(out_.lines).substr(0, end),
                      fmt::format("the pipeline fails at record {} after epoch {}{}{}: {}", number, began_at_,
                                  position.empty() ? "" : ", before ", position, isolation_->reason));
      out_.lines.erase(0, end + 1);
    }
    if (!out_.lines.empty()) unproven_ = false;
  }

  void idle() {
    write();
    WaitLimit limit = no_limit;
    if (options_.heartbeat) {
      if (clock::now() >= next_beat_) {
        if (const auto time = source_.promise(std::chrono::floor<Duration>(std::chrono::system_clock::now()))) {
          append_watermark(out_.lines, *time);
          if (checkpoint_) epoch_size_ += out_.lines.size();
          stdout_.write(out_.lines);  // an epoch's limit of lines does not count it
        }
        next_beat_ = clock::now() + beat();
      }
      limit = std::chrono::ceil<WaitLimit>(next_beat_ - clock::now());
    }
    if (checkpoint_ && (epoch_size_ > 0 || committed_ < checkpoint_->epoch())) {
      const auto left = std::max(std::chrono::ceil<WaitLimit>(look_for_early_end() - clock::now()), WaitLimit(1));
      if (limit == no_limit || left < limit) limit = left;
    }
    wait(metrics_.limit(report_.limit(limit)),
         [this](std::span<pollfd> also, WaitLimit most) { source_.wait(also, most); });
  }

  /// Waits by `wait_with(also, limit)`, and throws where the reader of standard output is gone.
  template <typename WaitWith>
  void wait(WaitLimit limit, WaitWith wait_with) {
    std::array<pollfd, 2> also{{{stdout_.fd(), 0, 0}, {cli::stop_descriptor(), POLLIN, 0}}};
    wait_with(also, limit);
    if ((also[0].revents & (POLLERR | POLLNVAL)) != 0) throw cli::OutputClosed();
  }

  Duration beat() const { return options_.heartbeat.value_or(Duration::zero()); }

  void write() {
    if (checkpoint_) epoch_size_ += out_.lines.size();
    if (!out_.lines.empty()) looks_.note_written(clock::now());
    if (epoch_lines_) epoch_lines_->add_written(lines_waiting());
    if (metrics_.on()) count_records();
    stdout_.write(out_.lines);
    rejects_.flush();
    source_.written();
  }

  /// Counts the lines that are about to be written; control lines are none of the source's records.
  void count_records() {
    std::string_view lines = out_.lines;
    while (!lines.empty()) {
      const std::size_t end = std::min(lines.find('\n'), lines.size() - 1);
      if (!is_control_line(lines.substr(0, end))) ++records_;
      lines.remove_prefix(end + 1);
    }
  }

  void write_metrics() {
    if (!metrics_.on()) return;
    RunFigures figures{records_ + rejects_.count(), rejects_.count()};
    if (checkpoint_) figures.epoch = checkpoint_->epoch();
    metrics_.write(figures);
  }

  std::uint64_t lines_waiting() const {
    return static_cast<std::uint64_t>(std::count(out_.lines.begin(), out_.lines.end(), '\n'));
  }

  /// Agrees with the sink on the epoch to restore. False when the run was asked to stop meanwhile.
  bool start_epochs() {
    checkpoint_->take(state::new_run());
    folder_ = checkpoint_->folder();
    source_.start(*this);
    append_begin(out_.lines, checkpoint_->pipe(), checkpoint_->run());
    stdout_.write(out_.lines);
    SinkAnswer answer(checkpoint_->run_folder(), checkpoint_->run());
    while (!cli::stop_requested()) {
      if (const auto epoch = answer.epoch()) {
        restore(*epoch);
        return true;
      }
      wait(answer.pause(), [](std::span<pollfd> also, WaitLimit most) { wait_for(also, most); });
    }
    return false;
  }

  void restore(std::uint64_t epoch) {
    const auto load = [&](SnapshotReader& from) { source_.load(epoch, from); };
    const bool made_again = checkpoint_->rebuilds(epoch);
    checkpoint_->restore(epoch, load);
    if (made_again)
      guarded([&] { source_.rebuild(TimeParser().parse(checkpoint_->run_folder().rebuilt().value_or(""))); });
    if (epoch == 0 && !checkpoint_->restore_start(load)) {
      source_.begin();
      checkpoint_->save_start([this](SnapshotWriter& to) { source_.save(0, to); });
    }
    committed_ = began_at_ = epoch;
    if (isolation_ && isolation_->epoch == epoch) left_to_set_aside_ = isolation_->set_aside;
    unproven_ = left_to_set_aside_ > 0;
    checkpoint_->run_folder().withdraw_asking();  // requests of an earlier run
    begun_ = true;
    append_restore(out_.lines, checkpoint_->run(), epoch);
    stdout_.write(out_.lines);
    new_epoch();
  }

  void new_epoch() {
    epoch_size_ = 0;
    const auto most = most_lines();
    epoch_lines_ = most ? std::optional(EpochLines(*most)) : std::nullopt;
    next_look_ = look_every;
    end_.begin(clock::now());
  }

  /// Looks whether a stage asks for an early end. Returns when the epoch ends, or when to look again. How long
  /// checkpoints take is not known until one is committed, in this run or in one whose last did not take long.
  clock::time_point look_for_early_end() {
    if (epoch_size_ == 0 || end_.is_early()) return end_.time();
    if (looks_.is_due(clock::now()) && checkpoint_->run_folder().early_end() == checkpoint_->epoch() + 1) {
      note_committed();
      const bool was_short = began_at_ > 0 && checkpoint_->run_folder().pace().count() == 0;
      if (was_short || committed_ > began_at_) end_.end_early();
    }
    return std::min(end_.time(), looks_.next().value_or(end_.time()));
  }

  /// Ends the epoch when it is long enough and not too many are on their way.
  void count_epoch() {
    if (unproven_) return;
    const bool any = epoch_size_ > 0 || !out_.lines.empty();
    bool due = is_asked_for();
    if (epoch_lines_ && epoch_lines_->note_due(lines_waiting())) due = true;
    const auto now = clock::now();
    if (!due && now < end_.time()) return;
    note_committed();
    if (!due && now < end_.time()) return;  // checkpoints have become slower
    // How long they take is not known until the first one is committed.
    const bool known = due || committed_ > began_at_ || checkpoint_->epoch() == began_at_;
    if (any && known && checkpoint_->epoch() - committed_ < most_unfinished) {
      const bool alone = isolated_lines().has_value();
      barrier(Barrier::middle);
      if (alone) await_commit();
    } else if (now >= end_.time()) {
      end_.put_off(now);
    }
  }

  /// Some stage has much of the epoch in memory.
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
    source_.note_committed(committed);
    committed_ = committed;
    checkpoint_->tidy(committed);
    end_.note_stand(checkpoint_->run_folder().pace());
  }

  void note_last_commit() {
    await_last_commit(stdout_.fd(), [this] {
      note_committed();
      return !source_.wants_last_commit() || committed_ == checkpoint_->epoch();
    });
  }

  /// While a record is looked for, what fails must be the epoch after the last one committed.
  void await_commit() {
    for (WaitLimit pause(1); committed_ < checkpoint_->epoch() && !cli::stop_requested();
         pause = std::min(pause * 2, WaitLimit(50))) {
      wait(pause, [](std::span<pollfd> also, WaitLimit most) { wait_for(also, most); });
      note_committed();
    }
  }

  void barrier(Barrier kind) {
    rejects_.flush();
    checkpoint_->run_folder().withdraw_asking();
    const std::uint64_t epoch = checkpoint_->epoch() + 1;
    checkpoint_->save([&](SnapshotWriter& to) { source_.save(epoch, to); }, source_.position_text());
    metrics_.note_snapshot(checkpoint_->took());
    append_barrier(out_.lines, checkpoint_->epoch(), kind, checkpoint_->took());
    write();
    new_epoch();
  }

  /// Writes the last barrier, after `end` when the source has ended. After a stop the next start goes on.
  void finish_epochs(bool ended) {
    if (!ended && unproven_)
      throw std::runtime_error(
          "stopped before a record was found at which the pipeline does not fail: the next start "
          "replays those that were set aside");
    if (ended) {
      source_.finish(out_);
      set_aside();
      append_end(out_.lines);
    }
    barrier(Barrier::final);
  }

  AnySource& source_;
  const SourceOptions& options_;
  cli::Context& context_;
  Rejects rejects_;
  RunReport report_;
  MetricsFile metrics_;
  std::uint64_t records_ = 0;  ///< written; counted with --metrics alone
  StandardOutput stdout_;
  Output out_;
  clock::time_point next_beat_{};
  std::optional<Checkpoint> checkpoint_;  ///< with --state
  std::string folder_;
  bool begun_ = false;  ///< the epoch to restore is known and restored
  std::uint64_t committed_ = 0;
  std::uint64_t next_look_ = look_every;  ///< bytes of the epoch at which is_asked_for() looks again
  std::uint64_t epoch_size_ = 0;
  std::optional<EpochLines> epoch_lines_;      ///< where the epoch has a limit of lines
  std::optional<state::Isolation> isolation_;  ///< a record is looked for at which the pipeline fails
  std::uint64_t left_to_set_aside_ = 0;
  bool unproven_ = false;       ///< records are set aside, and none has come after them: the epoch must not end
  std::uint64_t began_at_ = 0;  ///< the epoch that was restored
  EpochEnd end_{options_.checkpoint_every};
  AnswerLooks looks_;
};

}  // namespace

cli::Exit run_source(AnySource& source, const SourceOptions& options, cli::Context& context) {
  return guarded([&] { return SourceRun(source, options, context).run(); });
}

}  // namespace weir
