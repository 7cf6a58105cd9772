#include "pipeline/middle_run.hpp"

#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <stdexcept>
#include <utility>

#include "cli/signals.hpp"
#include "pipeline/bystander.hpp"
#include "pipeline/stop_limit.hpp"

namespace weir {
namespace {

using clock = std::chrono::steady_clock;

/// Bytes of a side file that are worth a write.
constexpr std::size_t side_block = 64 * 1024;
/// How often it is looked whether the records of the side files are committed, while nothing else comes.
constexpr WaitLimit commit_look(200);
/// How long the outside may take after a stop request; with checkpoints it is stop_deadline().
constexpr auto finish_limit = std::chrono::seconds(10);

/// Progress of a stage in the middle of a pipe would be overwritten by that of its neighbours.
bool is_file(int fd) {
  struct stat status {};
  return ::fstat(fd, &status) == 0 && S_ISREG(status.st_mode);
}

}  // namespace

MiddleRun::MiddleRun(const MiddleSetup& setup)
    : RecordHandler(setup.fields, setup.input.checking()),
      input_(setup.input),
      fields_(setup.fields),
      make_reader_(setup.make_reader),
      context_(setup.context),
      unbuffered_(setup.unbuffered),
      computes_(setup.computes),
      input_fd_(setup.descriptors.input),
      stdout_(setup.descriptors.output),
      rejects_(setup.input, setup.context),
      lines_(*this, rejects_, setup.input.state.on() ? &order_ : nullptr, setup.guard),
      report_(setup.input, setup.context.log, setup.named, setup.fields),
      metrics_(setup.input.state, setup.context.log),
      progress_(setup.context.log.tool(), setup.context.show_progress && is_file(setup.descriptors.output)) {
  out_.sides.resize(setup.sides.size());
  out_.drain = [this] { write_lines(); };
  for (const std::string& path : setup.sides) sides_.emplace_back(path).open();
  if (!input_.state.on()) return;
  if (!input_.files.empty())
    throw cli::UsageError("with --state records come from a source on standard input, not from a FILE");
  checkpoint_.emplace(input_.state, context_, setup.schema);
  checkpoint_->keep(rejects_.file(), &sides_);
}

cli::Exit MiddleRun::run() {
  std::optional<ReadAhead> ahead;
  if (input_.threads > 1 && make_reader_)
    ahead.emplace(
        ReadAhead::Setup{input_.threads, fields_, input_.checking(), input_.max_line, std::move(make_reader_)});
  Input input(input_, lines_,
              {.on_block = [this](InputFlow flow) { after_block(flow); },
               .wait = [this](std::span<pollfd> ready, WaitLimit limit) { wait(ready, limit); }},
              input_fd_, ahead ? &*ahead : nullptr);
  if (computes_) input.stop_between_lines();
  try {
    on_start();
    try {
      input.run();
    } catch (const NothingMore&) {
    }
    if (!checkpoint_) {
      lines_.on_end();
      finish();
    }
  } catch (const StrictReject&) {
    flush();  // the output of earlier records is right
    throw;
  } catch (const cli::OutputClosed&) {
    if (!checkpoint_) throw;
    end_as_bystander();
    return cli::Exit::failed;  // a later stage has failed and reports why; the pipeline starts again
  }
  if (checkpoint_ && !order_.is_over()) return order_.ended_early();
  on_over();
  flush();
  if (checkpoint_) checkpoint_->tidy_at_end(stdout_.fd());
  stdout_.close();
  progress_.clear();
  write_metrics();
  const cli::Exit reported = report_.finish(counts());
  if (const std::string text = statistics(); !text.empty()) log().info(text);
  const cli::Exit rejected = rejects_.finish();
  return reported == cli::Exit::done ? rejected : reported;
}

// --- control lines ---------------------------------------------------------------------------------------------------

void MiddleRun::on_watermark(Time, std::string_view line) { on_unknown_control(line); }

void MiddleRun::on_unknown_control(std::string_view line) {
  append_line(out_.lines, line);
  write_block();
}

void MiddleRun::on_begin(const Control& control, std::string_view line) {
  checkpoint_->take(control.run);
  pass_on(line);
}

void MiddleRun::on_restore(const Control& control, std::string_view line) {
  checkpoint_->restore(control.epoch, [this](SnapshotReader& from) {
    StateArchive archive(from);
    whole_state(archive);
    report_.begin_from(counts());
  });
  pass_on(line);
}

void MiddleRun::on_input_end(std::string_view line) {
  finish();
  pass_on(line);
}

void MiddleRun::on_barrier(const Control& control) {
  complete();
  flush();
  on_snapshot();
  checkpoint_->save([this](SnapshotWriter& to) {
    StateArchive archive(to);
    whole_state(archive);
  });
  out_.released = false;
  metrics_.note_snapshot(checkpoint_->took());
  checkpoint_->pass_barrier(control, out_.lines);
  write_lines();
  checkpoint_->tidy();
}

void MiddleRun::whole_state(StateArchive& archive) {
  lines_.state(archive);
  report_.state(archive);
  state(archive);
}

/// Later stages wait for control lines of checkpoints: they are written at once.
void MiddleRun::pass_on(std::string_view line) {
  append_line(out_.lines, line);
  write_lines();
}

// --- between the lines -----------------------------------------------------------------------------------------------

void MiddleRun::after_block(InputFlow flow) {
  if (flow == InputFlow::paused) lines_.on_pause();
  on_block(flow);
  if (flow == InputFlow::paused) flush();
  if (flow == InputFlow::paused && checkpoint_ && std::exchange(out_.released, false)) checkpoint_->ask_for_early_end();
  for (std::size_t i = 0; i < sides_.size(); ++i)
    if (out_.sides[i].size() >= side_block) sides_[i].write(out_.sides[i]);
  if (checkpoint_) checkpoint_->look_at_memory(0);
  if (report_.is_due()) report_.report(counts(), rejects_.count());
  if (metrics_.is_due()) write_metrics();
  progress_.update(records());
}

void MiddleRun::write_metrics() {
  if (!metrics_.on()) return;
  RunFigures figures{records(), rejects_.count(), counts().late(), lines_.watermark()};
  if (checkpoint_) figures.epoch = checkpoint_->epoch();
  figures.own = own_counters();
  metrics_.write(figures);
}

void MiddleRun::wait(std::span<pollfd> input, WaitLimit limit) {
  const int stop = cli::stop_requested() ? -1 : cli::stop_descriptor();
  std::array<pollfd, 3> also{{{stdout_.fd(), 0, 0}, {stop, POLLIN, 0}, {-1, 0, 0}}};
  if (!input.empty()) also[2] = input[0];
  const bool awaits_commit = checkpoint_ && checkpoint_->awaits_commit();
  if (awaits_commit) limit = limit < WaitLimit::zero() ? commit_look : std::min(limit, commit_look);
  wait_for_own(also, metrics_.limit(report_.limit(limit)));
  if (awaits_commit) checkpoint_->tidy();
  if ((also[0].revents & (POLLERR | POLLNVAL)) != 0) throw cli::OutputClosed();
}

void MiddleRun::wait_for_outside(std::string_view late, WaitLimit limit) {
  write_lines();
  if (cli::stop_requested()) {
    if (stop_deadline_ == clock::time_point::max())
      stop_deadline_ = checkpoint_ ? stop_deadline() : clock::now() + finish_limit;
    if (clock::now() >= stop_deadline_) throw std::runtime_error(std::string(late));
    limit = limit == no_limit ? WaitLimit(100) : std::min(limit, WaitLimit(100));
  }
  wait({}, limit);
}

void MiddleRun::write_lines(std::string_view lines) {
  if (out_.lines.empty() && lines.size() >= stdout_.block() / 2) return stdout_.write(lines);
  out_.lines += lines;
  write_block();
}

void MiddleRun::flush() {
  for (std::size_t i = 0; i < sides_.size(); ++i) sides_[i].write(out_.sides[i]);
  rejects_.flush();
  write_lines();
}

}  // namespace weir
