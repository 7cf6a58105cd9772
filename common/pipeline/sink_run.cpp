#include "pipeline/sink_run.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/ioctl.h>

#include <algorithm>
#include <array>
#include <optional>
#include <stdexcept>
#include <string>

#include "cli/signals.hpp"
#include "pipeline/stop_limit.hpp"
#include "record/control.hpp"
#include "time/timestamp.hpp"

namespace weir {
namespace {

/// How long a sink without checkpoints may take to finish after a stop request; with them it is stop_deadline().
constexpr auto finish_limit = std::chrono::seconds(10);
/// How long a wait for the store lasts at most before the sink is asked again.
constexpr WaitLimit ask_again{1000};

/// Whether the stages before may wait because the input is not read. A quarter counts as full, as short writes fill
/// pages in part; what is no pipe counts as full.
bool is_filling(int input) {
  const int room = ::fcntl(input, F_GETPIPE_SZ);
  int waiting = 0;
  return room <= 0 || ::ioctl(input, FIONREAD, &waiting) != 0 || waiting >= room / 4;
}

/// Ends a wait for the store: the source is gone and no barrier will come.
class SourceGone : public std::runtime_error {
 public:
  SourceGone() : std::runtime_error("the source is gone") {}
};

}  // namespace

SinkRun::SinkRun(SinkStage& sink, SinkEpochs* shape, const InputOptions& input, cli::Context& context,
                 int standard_input)
    : RecordHandler(sink.fields(), input.checking()),
      sink_(sink),
      messages_(sink.messages()),
      shape_(shape),
      context_(context),
      standard_input_(standard_input),
      rejects_(input, context),
      lines_(*this, rejects_, input.state.on() ? &order_ : nullptr, sink.future_guard()),
      in_(input, lines_,
          {.on_block = [this](InputFlow flow) { after_block(flow); },
           .wait = [this](std::span<pollfd> input_ready, WaitLimit limit) { serve(input_ready, limit); }},
          standard_input),
      report_(input, context.log, sink.named_fields(), sink.fields()),
      metrics_(input.state, context.log),
      progress_(context.log.tool(), context.show_progress) {
  if (!input.state.on()) return;
  if (shape == nullptr) throw cli::UsageError("this sink keeps no state: it cannot end a pipeline with --state");
  if (!input.files.empty())
    throw cli::UsageError("with --state records come from a source on standard input, not from a FILE");
  checkpoint_.emplace(input.state, context, shape->schema());
  checkpoint_->keep(rejects_.file(), nullptr);
}

cli::Exit SinkRun::run() {
  try {
    return read_all();
  } catch (const SourceGone&) {
    return order_.ended_early();
  }
}

cli::Exit SinkRun::read_all() {
  if (!checkpoint_) sink_.start(*this);
  try {
    in_.run();
  } catch (const StrictReject&) {
    if (!checkpoint_ && sink_.sends_partial_input()) finish();  // what was right before it still arrives
    rejects_.flush();
    throw;
  }
  if (!checkpoint_) {
    lines_.on_end();
    finish();
  } else if (order_.is_over()) {
    shape_->close();
  } else {
    return order_.ended_early();
  }
  progress_.clear();
  write_metrics();
  if (const std::string summary = sink_.summary(); !summary.empty()) context_.log.info(summary);
  const cli::Exit reported = report_.finish(sink_.counts());
  const cli::Exit rejected = rejects_.finish();
  if (sink_.failed()) return cli::Exit::failed;
  return reported == cli::Exit::done ? rejected : reported;
}

void SinkRun::load(SnapshotReader& from) {
  shape_->load(from);
  StateArchive archive(from);
  lines_.state(archive);
  report_.state(archive);
}

void SinkRun::save(SnapshotWriter& to) {
  shape_->save(to);
  StateArchive archive(to);
  lines_.state(archive);
  report_.state(archive);
}

void SinkRun::finish() {
  while (!sink_.finish()) wait_for_store();
}

void SinkRun::after_block(InputFlow flow) {
  if (flow == InputFlow::paused) rejects_.flush();
  if (report_.is_due()) report_.report(sink_.counts(), rejects_.count());
  if (metrics_.is_due()) write_metrics();
  if (!has_started()) return;
  if (flow == InputFlow::paused) lines_.on_pause();
  sink_.on_pause(flow);
  if (checkpoint_) checkpoint_->look_at_memory(shape_->held_bytes(), shape_->most_held_bytes());
  go_on_committing();
  progress_.update(lines_.records());
}

void SinkRun::write_metrics() {
  if (!metrics_.on()) return;
  RunFigures figures{lines_.records(), rejects_.count(), sink_.counts().late(), lines_.watermark()};
  if (checkpoint_) figures.epoch = checkpoint_->epoch();
  metrics_.write(figures);
}

Verdict SinkRun::on_record(const Record& record) {
  report_.look(record);
  wait_until_ready();
  Verdict verdict = sink_.on_record(record);
  if (messages_ != nullptr && !messages_->empty()) {
    for (const RecordMessage& each : *messages_) rejects_.message(record.line_number(), each);
    messages_->clear();
  }
  return verdict;
}

/// Decides the epoch that all stages restore, and tells the source.
void SinkRun::on_begin(const Control& control, std::string_view) {
  checkpoint_->take(control.run);
  const state::RunFolder& folder = checkpoint_->run_folder();
  folder.write_resume(control.run, std::nullopt);
  if (const std::string name = shape_->noted_as(); !name.empty()) folder.write_noted_as(name);
  const std::uint64_t saved = checkpoint_->last_saved();
  pipeline_ = {checkpoint_->pipe(), control.run, checkpoint_->folder(), saved > 0};
  sink_.start(*this);
  const std::uint64_t epoch = shape_->begin(*pipeline_, saved, folder.committed());
  if (checkpoint_->rebuilds(epoch)) note_rebuild(epoch);
  if (const auto text = folder.rebuilt()) pipeline_->final_until = TimeParser().parse(*text);
  checkpoint_->restore(epoch, [this](SnapshotReader& from) { load(from); });
  if (shape_->commits_again() && epoch > 0) {
    commit_began_ = clock::now();
    committing_ = true;
    finish_commit();
  }
  folder.write_committed(epoch, shape_->durable());
  folder.write_resume(control.run, epoch);
}

/// All stages begin anew from that epoch, where the sink can bear it.
void SinkRun::note_rebuild(std::uint64_t epoch) {
  const auto rebuild = shape_->rebuild();
  if (!rebuild)
    throw cli::StateError(
        fmt::format("the state of epoch {} is lost, and this sink would have its records twice: {} (weir-scale(7))",
                    epoch, shape_->instead_of_rebuild()));
  std::string until;
  if (rebuild->final_until) append_time(until, *rebuild->final_until);
  checkpoint_->run_folder().write_rebuilt(until);
  context_.log.warn(
      fmt::format("the state of epoch {} is lost: it is made again from the source; rows of windows before {} stay as "
                  "they are",
                  epoch, until.empty() ? "none" : until));
}

void SinkRun::on_restore(const Control& control, std::string_view) {
  if (control.epoch != checkpoint_->epoch())
    throw std::runtime_error("the source goes on from another epoch than this sink's");
}

void SinkRun::on_barrier(const Control& control) {
  finish_commit();  // of the epoch before
  rejects_.flush();
  shape_->seal();
  checkpoint_->save([this](SnapshotWriter& to) { save(to); });
  took_ = control.took + checkpoint_->took();
  metrics_.note_snapshot(checkpoint_->took());
  commit_began_ = clock::now();
  committing_ = true;
  if (control.final) return finish_commit();
  go_on_committing();
}

/// Moves the commit under way on, without waiting for it. Returns whether it is still under way.
bool SinkRun::go_on_committing() {
  if (!committing_) return false;
  const auto began = clock::now();
  const bool committed = shape_->commit(checkpoint_->epoch());
  const auto took = std::chrono::round<std::chrono::milliseconds>(clock::now() - began);
  if (is_filling(standard_input_)) took_ += took;
  if (!committed) return true;
  committing_ = false;
  metrics_.note_commit(clock::now() - commit_began_);
  for (const auto& [line, reason] : std::exchange(refused_, {})) rejects_.count(line, reason);
  const state::RunFolder& folder = checkpoint_->run_folder();
  folder.write_pace(took_);
  folder.write_committed(checkpoint_->epoch(), shape_->durable());
  checkpoint_->tidy(checkpoint_->epoch());
  return false;
}

void SinkRun::finish_commit() {
  while (go_on_committing()) wait_for_store();
}

void SinkRun::reject(std::uint64_t line, std::string_view raw, std::string_view reason) {
  rejects_.reject(line, raw, reason);
}

void SinkRun::refuse(std::span<const Refusal> refused) {
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
  checkpoint_->amend(lines, [this](SnapshotWriter& to) { save(to); });
}

/// A commit under way goes on meanwhile: the sink may be not ready because of it.
void SinkRun::wait_until_ready() {
  while (!sink_.ready()) {
    if (committing_ && !go_on_committing()) continue;
    wait_for_store();
  }
}

void SinkRun::wait_for_store() {
  check_stop();
  serve({}, ask_again);
}

/// Lets the sink serve its own descriptors until there is input, a signal, or the limit has passed. Without
/// `input_ready` the loss of the writer ends it too.
void SinkRun::serve(std::span<pollfd> input_ready, WaitLimit limit) {
  const bool stopping = cli::stop_requested();
  std::array<pollfd, 2> also{{{stopping ? -1 : cli::stop_descriptor(), POLLIN, 0}, writer()}};
  if (!input_ready.empty()) also[1] = input_ready[0];
  if (stopping && (limit == no_limit || limit > WaitLimit(100))) limit = WaitLimit(100);
  limit = metrics_.limit(report_.limit(limit));
  if (!has_started()) return wait_for(also, limit);
  sink_.wait(also, limit);
}

/// Standard input, polled for hang-up alone while it is not known how the input ends.
pollfd SinkRun::writer() const { return {checkpoint_ && ahead_ == Ahead::unknown ? standard_input_ : -1, 0, 0}; }

std::vector<pollfd> SinkRun::stop_descriptors() const { return {{cli::stop_descriptor(), POLLIN, 0}, writer()}; }

/// Once the run is to stop, what is left must not take for ever.
void SinkRun::check_stop() {
  if (checkpoint_) {
    look_ahead();
    if (ahead_ == Ahead::nothing) throw SourceGone();
    if (stop_deadline_ == clock::time_point::max()) stop_deadline_ = stop_deadline();
  } else if (cli::stop_requested() && stop_deadline_ == clock::time_point::max()) {
    stop_deadline_ = clock::now() + finish_limit;
  }
  if (clock::now() < stop_deadline_) return;
  if (checkpoint_) throw std::runtime_error("stopped before the epoch was committed; the next start repeats it");
  const std::string left = sink_.give_up();
  rejects_.flush();
  throw std::runtime_error("stopped before all records had arrived; " + (left.empty() ? "they are lost here" : left));
}

/// A sink that waits for its store does not read. Finds out whether more input can come, and how it ends.
void SinkRun::look_ahead() {
  if (ahead_ != Ahead::unknown) return;
  if (order_.is_over()) {
    ahead_ = order_.is_finished() ? Ahead::all : Ahead::stop;
  } else {
    const std::optional<std::string> bytes = in_.last_bytes();
    if (!bytes) return;
    ahead_ = end_of(*bytes);
  }
  // The source was asked to stop: that holds for this stage too.
  if (ahead_ == Ahead::stop) stop_deadline_ = std::min(stop_deadline(), clock::now() + stop_limit);
}

SinkRun::Ahead SinkRun::end_of(std::string_view bytes) {
  const auto take_line = [&bytes] {
    while (bytes.ends_with('\n')) bytes.remove_suffix(1);
    const auto newline = bytes.rfind('\n');
    const std::string_view line = newline == std::string_view::npos ? bytes : bytes.substr(newline + 1);
    bytes.remove_suffix(line.size());
    return parse_control(line);
  };
  const auto last = take_line();
  if (!last || last->type != Control::Type::barrier || !last->final) return Ahead::nothing;
  const auto before = take_line();
  return before && before->type == Control::Type::end ? Ahead::all : Ahead::stop;
}

}  // namespace weir
