#include "merge.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <stdexcept>
#include <system_error>

#include "cli/signals.hpp"
#include "pipeline/input.hpp"
#include "pipeline/stop_limit.hpp"
#include "state/atomic_file.hpp"

namespace weir::pipe_merge {
namespace {

using std::chrono::milliseconds;

constexpr auto sink_patience = std::chrono::seconds(15);
/// How often it is looked whether the sink has committed, or has answered.
constexpr auto look_every = milliseconds(10);

int open_input(const std::string& path) {
  if (path == "-") return ::fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3);
  // A FIFO is not waited for here: whoever writes into the next one may be waiting too.
  const int fd = ::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC);
  if (fd < 0) throw std::system_error(errno, std::generic_category(), path);
  return fd;
}

/// Whether a stage in this folder belongs to a run.
bool holds_run(const std::string& folder, const std::string& run) {
  std::error_code none;
  for (const auto& entry : std::filesystem::directory_iterator(folder, none)) {
    const std::string lock = entry.path().string() + "/lock";
    if (!std::filesystem::is_regular_file(lock, none)) continue;
    if (const auto owner = state::read_file(lock); owner && *owner == run) return true;
  }
  return false;
}

}  // namespace

Merge::Merge(MergeSettings settings, const RejectOptions& rejects, const StateOptions& state, cli::Context& context)
    : settings_(std::move(settings)),
      context_(context),
      rejects_(rejects, context),
      watermark_(settings_.inputs.size()),
      root_(state.folder) {
  if (!state.on()) return;
  checkpoint_.emplace(state, context, 1);
  checkpoint_->keep(rejects_.file(), nullptr);
}

cli::Exit Merge::run() {
  open_inputs();
  if (checkpoint_) checkpoint_->take(state::new_run());
  try {
    while (go_on()) {
      if (read_some(WaitLimit::zero())) continue;
      flush();
      read_some(patience());
    }
    flush();
    if (checkpoint_ && over_) await_last_commit();
  } catch (const StrictReject&) {
    flush();
    throw;
  } catch (const cli::OutputClosed&) {
    if (!checkpoint_) throw;
    return cli::Exit::failed;  // a stage behind this one is gone, and has said why: the pipeline starts again
  }
  if (checkpoint_ && over_) checkpoint_->tidy_at_end(StandardOutput::descriptor());
  stdout_.close();
  return rejects_.finish();
}

void Merge::open_inputs() {
  for (const std::string& path : settings_.inputs) {
    const int fd = open_input(path);
    if (fd < 0) throw std::system_error(errno, std::generic_category(), path);
    inputs_.emplace_back(*this, inputs_.size(), path, fd);
  }
}

template <typename Is>
bool Merge::all(Is is) const {
  return std::all_of(inputs_.begin(), inputs_.end(), is);
}

/// False when the run is over.
bool Merge::go_on() {
  if (past_stop_limit()) return false;
  if (!checkpoint_) return !all([](const Input& input) { return input.done; });
  if (!told_) {
    if (cli::stop_requested()) return false;
    if (all([](const Input& input) { return input.order.has_begun(); })) begin_whole();
    return true;
  }
  if (!going_) {
    if (cli::stop_requested()) return false;
    ask_sink();
    return true;
  }
  note_committed();
  while (!over_ && align()) {
  }
  return !over_;
}

bool Merge::past_stop_limit() {
  if (!cli::stop_requested()) return false;
  if (stop_deadline_ == clock::time_point::max())
    stop_deadline_ = checkpoint_ ? stop_deadline() : clock::now() + usual_grace;
  return clock::now() >= stop_deadline_;
}

WaitLimit Merge::patience() const {
  if (cli::stop_requested()) return WaitLimit(50);
  if (told_ && (!going_ || !uncommitted_.empty())) return look_every;
  return no_limit;
}

// --- reading ---------------------------------------------------------------------------------------------------------

/// Waits until one of the inputs is ready and takes what each has, 256 KiB at most. False when none was.
bool Merge::read_some(WaitLimit limit) {
  std::vector<pollfd> fds{{StandardOutput::descriptor(), 0, 0},
                          {cli::stop_requested() ? -1 : cli::stop_descriptor(), POLLIN, 0}};
  for (const Input& input : inputs_) fds.push_back({input.held || input.done ? -1 : input.file.get(), POLLIN, 0});
  wait_for(fds, limit);
  if ((fds[0].revents & (POLLERR | POLLNVAL)) != 0) throw cli::OutputClosed();
  bool any = false;
  for (std::size_t turn = 0; turn < inputs_.size(); ++turn) {
    const std::size_t i = (first_ + turn) % inputs_.size();
    if (fds[i + 2].revents == 0) continue;
    any = true;
    const LineReader::Fill fill = inputs_[i].reader.fill();
    take_lines(i);
    if (fill == LineReader::Fill::end && !inputs_[i].held) take_end_of_file(i);
    if (out_.size() >= stdout_.block()) stdout_.write(out_);
  }
  first_ = (first_ + 1) % inputs_.size();
  return any;
}

/// Takes the lines that are there, up to the place where the input is to be held.
void Merge::take_lines(std::size_t i) {
  Input& input = inputs_[i];
  input.lines.set_file(input.path);
  while (!input.held) {
    const auto line = input.reader.next();
    if (!line) return;
    input.lines.take(*line);
  }
}

Verdict Merge::Input::on_line(const Line& line) {
  fresh = true;
  merge.out_ += line.text;
  merge.out_ += '\n';
  return Verdict::ok();
}

void Merge::Input::on_watermark(Time time, std::string_view) {
  fresh = true;
  merge.watermark_.promise(index, time);
  merge.pass_watermark();
}

void Merge::Input::on_unknown_control(std::string_view line) {
  fresh = true;
  merge.out_ += line;
  merge.out_ += '\n';
}

void Merge::Input::on_begin(const Control& control, std::string_view) { merge.add_run(*this, control); }

void Merge::Input::on_restore(const Control& control, std::string_view) {
  if (control.epoch != epoch) throw std::runtime_error(path + ": a restore of another epoch than it was told");
  held = true;
  merge.go_on_when_restored();
}

void Merge::Input::on_barrier(const Control& control) {
  epoch = control.epoch;
  took = control.took;
  held = true;
  fresh = false;
}

void Merge::Input::on_input_end(std::string_view) { fresh = true; }

void Merge::pass_watermark() {
  if (const auto time = watermark_.advance()) append_watermark(out_, *time);
}

void Merge::take_end_of_file(std::size_t i) {
  Input& input = inputs_[i];
  if (checkpoint_) {
    // Its last barrier stands before the end of a run that is over.
    if (!cli::stop_requested())
      throw std::runtime_error(input.path +
                               " ended without its last barrier: what came behind the last epoch is dropped");
    stop_deadline_ = clock::now();
    return;
  }
  input.done = true;
  input.file.reset(-1);
  watermark_.end(i);
  pass_watermark();
}

// --- the runs of the inputs ------------------------------------------------------------------------------------------

std::string Merge::folder_of(const Input& input) const { return root_ + '/' + input.name; }

void Merge::add_run(Input& input, const Control& control) {
  if (!state::is_stage_id(control.pipe))
    throw cli::UsageError(
        fmt::format("{}: its pipeline's name '{}' is that of its folder, and must be made of a to z, 0 to 9, - and _",
                    input.path, control.pipe));
  input.name = control.pipe;
  for (const Input& other : inputs_)
    if (&other != &input && other.name == input.name)
      throw cli::UsageError(fmt::format(
          "two inputs are called {}: each keeps its state in a folder of its own within {} (WEIR_STATE={}/NAME)",
          input.name, root_, root_));
  if (!holds_run(folder_of(input), control.run))
    throw cli::UsageError(fmt::format("{} keeps its state somewhere else than in {}: start it with WEIR_STATE={}/NAME",
                                      input.path, folder_of(input), root_));
  state::RunFolder(folder_of(input)).write_resume(control.run, std::nullopt);
}

/// All inputs are there: the whole begins.
void Merge::begin_whole() {
  told_ = true;
  sink_deadline_ = clock::now() + sink_patience;
  append_begin(out_, checkpoint_->pipe(), checkpoint_->run());
  flush();
}

void Merge::ask_sink() {
  if (answered_) return;
  const state::RunFolder::Resume resume = checkpoint_->run_folder().resume(checkpoint_->run());
  if (resume.epoch) return take_up(*resume.epoch);
  if (!resume.heard && clock::now() >= sink_deadline_)
    throw cli::UsageError("no sink of this pipeline keeps state: a pipeline with --state ends in one that does");
}

/// The sink's last epoch says where each input goes on.
void Merge::take_up(std::uint64_t epoch) {
  answered_ = true;
  checkpoint_->restore(epoch, [this](SnapshotReader& from) { restore(from); });
  for (const Input& input : inputs_) {
    const state::RunFolder folder(folder_of(input));
    folder.write_committed(input.epoch, state::Durable::no);
    folder.write_resume(input.order.run(), input.epoch);
  }
}

void Merge::restore(SnapshotReader& from) {
  for (auto left = from.number<std::uint64_t>(); left > 0; --left) {
    const std::string_view name = from.text();
    const auto epoch = from.number<std::uint64_t>();
    const bool promised = from.number<bool>();
    const Time time(Duration(from.number<std::int64_t>()));
    const auto found =
        std::find_if(inputs_.begin(), inputs_.end(), [&](const Input& each) { return each.name == name; });
    if (found == inputs_.end()) {
      if (std::find(settings_.dropped.begin(), settings_.dropped.end(), name) != settings_.dropped.end()) continue;
      throw SnapshotError(
          fmt::format("the input {} is missing, which an earlier run had: --drop {} goes on without it", name, name));
    }
    found->epoch = epoch;
    if (promised) watermark_.promise(static_cast<std::size_t>(found - inputs_.begin()), time);
  }
  const bool given = from.number<bool>();
  const Time time(Duration(from.number<std::int64_t>()));
  if (given) watermark_.set_given(time);
}

void Merge::go_on_when_restored() {
  if (!all([](const Input& input) { return input.order.has_restored(); })) return;
  append_restore(out_, checkpoint_->run(), checkpoint_->epoch());
  flush();
  going_ = true;
  release_all();
}

// --- the run of the whole --------------------------------------------------------------------------------------------

/// Ends an epoch of the whole where every input is at a barrier or has sent nothing since its last. False when it is
/// not so now. An idle source sends no barriers, and must not hold the others back.
bool Merge::align() {
  bool any = cli::stop_requested();
  for (const Input& input : inputs_) {
    if (input.done) continue;
    if (!input.held && input.fresh) return false;
    any = any || input.held;
  }
  if (!any) return false;
  for (std::size_t i = 0; i < inputs_.size(); ++i) {
    if (!inputs_[i].order.is_over() || inputs_[i].done) continue;
    inputs_[i].done = true;
    watermark_.end(i);
    pass_watermark();
  }
  const bool finished = all([](const Input& input) { return input.done; });
  over_ = finished || cli::stop_requested();
  // A source that was stopped goes on at the next start, and so do the windows.
  if (finished && all([](const Input& input) { return input.order.is_finished(); })) append_end(out_);
  flush();
  checkpoint_->save([this](SnapshotWriter& to) {
    to.number<std::uint64_t>(inputs_.size());
    for (std::size_t i = 0; i < inputs_.size(); ++i) {
      to.text(inputs_[i].name);
      to.number(inputs_[i].epoch);
      to.number(watermark_.of(i).has_value());
      to.number<std::int64_t>(watermark_.of(i).value_or(Time()).time_since_epoch().count());
    }
    to.number(watermark_.given().has_value());
    to.number<std::int64_t>(watermark_.given().value_or(Time()).time_since_epoch().count());
  });
  // The inputs' stages stood side by side.
  std::chrono::milliseconds took{};
  for (const Input& input : inputs_) took = std::max(took, input.took);
  append_barrier(out_, checkpoint_->epoch(), over_ ? Barrier::final : Barrier::middle, took + checkpoint_->took());
  flush();
  Place& place = uncommitted_.emplace_back(Place{checkpoint_->epoch(), {}});
  for (const Input& input : inputs_) place.inputs.push_back(input.epoch);
  if (!over_) release_all();
  return true;
}

/// What was held goes on with the lines that have been read already.
void Merge::release_all() {
  for (std::size_t i = 0; i < inputs_.size(); ++i) {
    if (inputs_[i].done) continue;
    inputs_[i].held = false;
  }
  for (std::size_t i = 0; i < inputs_.size(); ++i)
    if (!inputs_[i].done) take_lines(i);
  if (out_.size() >= stdout_.block()) stdout_.write(out_);
}

/// Tells each input's run how far the sink is, in its own numbers, and what the stages behind ask for.
void Merge::note_committed() {
  if (clock::now() < next_look_) return;
  next_look_ = clock::now() + look_every;
  if (checkpoint_->run_folder().barrier_asked_for()) {
    checkpoint_->run_folder().withdraw_asking();
    for (const Input& input : inputs_) state::RunFolder(folder_of(input)).ask_for_barrier();
  }
  if (uncommitted_.empty()) return;
  const std::uint64_t committed = checkpoint_->run_folder().committed();
  std::optional<Place> last;
  while (!uncommitted_.empty() && uncommitted_.front().epoch <= committed) {
    last = std::move(uncommitted_.front());
    uncommitted_.pop_front();
  }
  if (!last) return;
  for (std::size_t i = 0; i < inputs_.size(); ++i) {
    const state::RunFolder folder(folder_of(inputs_[i]));
    folder.write_pace(checkpoint_->run_folder().pace());
    if (folder.committed() < last->inputs[i]) folder.write_committed(last->inputs[i], state::Durable::no);
  }
  checkpoint_->tidy(committed);
}

/// The inputs' stages may be waiting for the commit of what they sent last.
void Merge::await_last_commit() {
  const auto deadline = last_commit_deadline();
  bool reader_gone = false;
  for (;;) {
    next_look_ = {};
    note_committed();
    if (uncommitted_.empty() || reader_gone || clock::now() >= deadline) return;
    pollfd reader{StandardOutput::descriptor(), 0, 0};
    wait_for({&reader, 1}, look_every);
    reader_gone = reader.revents != 0;
  }
}

void Merge::flush() {
  rejects_.flush();
  stdout_.write(out_);
}

}  // namespace weir::pipe_merge
