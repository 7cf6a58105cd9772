#include "merge_epochs.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "cli/signals.hpp"
#include "state/archive.hpp"

namespace weir::pipe_merge {
namespace {

/// What a snapshot holds.
struct Saved {
  struct Input {
    std::string name;
    std::uint64_t epoch = 0;
    std::optional<Time> promised;

    void state(StateArchive& archive) { archive.values(name, epoch, promised); }
  };
  std::vector<Input> inputs;
  std::optional<Time> given;

  void state(StateArchive& archive) { archive.values(inputs, given); }
};

/// How often the sink is asked whether it has committed.
constexpr auto look_every = std::chrono::milliseconds(10);

}  // namespace

MergeEpochs::MergeEpochs(const StateOptions& options, const cli::Context& context, std::vector<std::string> dropped,
                         std::deque<MergeInput>& inputs, MergedStream& stream)
    : dropped_(std::move(dropped)),
      inputs_(inputs),
      stream_(stream),
      root_(options.folder),
      checkpoint_(options, context, 1) {
  checkpoint_.keep(stream.rejects().file(), nullptr);
}

void MergeEpochs::take() { checkpoint_.take(state::new_run()); }

template <typename Is>
bool MergeEpochs::all(Is is) const {
  return std::all_of(inputs_.begin(), inputs_.end(), is);
}

void MergeEpochs::advance() {
  switch (phase_) {
    case Phase::gathering:
      check_names();
      if (all([](const MergeInput& input) { return input.order().has_begun(); })) begin();
      return;
    case Phase::asking:
      if (const auto epoch = answer_->epoch()) restore(*epoch);
      return;
    case Phase::restoring:
      if (!all([](const MergeInput& input) { return input.order().has_restored(); })) return;
      start_running();
      [[fallthrough]];  // the lines that were read already may hold barriers
    case Phase::running:
      note_committed();
      while (phase_ == Phase::running && align()) {
      }
      return;
    case Phase::over:
      return;
  }
}

WaitLimit MergeEpochs::limit() const {
  const bool asks = phase_ == Phase::asking || phase_ == Phase::restoring || !uncommitted_.empty();
  return asks ? look_every : no_limit;
}

// --- the beginning ---------------------------------------------------------------------------------------------------

void MergeEpochs::check_names() const {
  for (const MergeInput& input : inputs_)
    for (const MergeInput& other : inputs_)
      if (&input != &other && !input.name().empty() && input.name() == other.name())
        throw cli::UsageError(fmt::format(
            "two inputs are called {}: each keeps its state in a folder of its own within {} (WEIR_STATE={}/NAME)",
            input.name(), root_, root_));
}

void MergeEpochs::begin() {
  append_begin(stream_.lines(), checkpoint_.pipe(), checkpoint_.run());
  stream_.flush();
  answer_.emplace(checkpoint_.run_folder(), checkpoint_.run());
  phase_ = Phase::asking;
}

/// The epoch of the whole tells where each input goes on.
void MergeEpochs::restore(std::uint64_t epoch) {
  if (checkpoint_.rebuilds(epoch))
    throw cli::StateError(
        "the state is lost, and pipe-merge cannot make it again: its inputs have states of their own");
  checkpoint_.restore(epoch, [this](SnapshotReader& from) { load(from); });
  for (const MergeInput& input : inputs_) input.answer();
  phase_ = Phase::restoring;
}

void MergeEpochs::start_running() {
  append_restore(stream_.lines(), checkpoint_.run(), checkpoint_.epoch());
  stream_.flush();
  phase_ = Phase::running;
  release_all();
}

void MergeEpochs::save(SnapshotWriter& to) {
  Saved saved{.inputs = {}, .given = stream_.watermark().given()};
  for (std::size_t i = 0; i < inputs_.size(); ++i)
    saved.inputs.push_back({inputs_[i].name(), inputs_[i].epoch(), stream_.watermark().of(i)});
  StateArchive(to).value(saved);
}

void MergeEpochs::load(SnapshotReader& from) {
  Saved saved;
  StateArchive(from).value(saved);
  for (const auto& [name, epoch, promised] : saved.inputs) {
    const auto found = std::ranges::find(inputs_, name, &MergeInput::name);
    if (found == inputs_.end()) {
      if (std::find(dropped_.begin(), dropped_.end(), name) != dropped_.end()) continue;
      throw SnapshotError(
          fmt::format("the input {} is missing, which an earlier run had: --drop {} goes on without it", name, name));
    }
    found->set_epoch(epoch);
    if (promised) stream_.watermark().promise(static_cast<std::size_t>(found - inputs_.begin()), *promised);
  }
  if (saved.given) stream_.watermark().set_given(saved.given);
}

// --- barriers --------------------------------------------------------------------------------------------------------

/// Ends an epoch of the whole where each input is at a barrier or has sent nothing since its last: an idle source sends
/// no barriers and must not hold back the others. Returns whether an epoch has ended.
bool MergeEpochs::align() {
  bool any = cli::stop_requested();
  for (const MergeInput& input : inputs_) {
    if (input.is_done()) continue;
    if (!input.is_held() && input.has_news()) return false;
    any = any || input.is_held();
  }
  if (!any) return false;
  end_inputs();
  const bool finished = all([](const MergeInput& input) { return input.is_done(); });
  const bool last = finished || cli::stop_requested();
  // A source that was stopped goes on at the next start, and so do open windows: only finished inputs have an end.
  if (finished && all([](const MergeInput& input) { return input.order().is_finished(); })) append_end(stream_.lines());
  stream_.flush();
  checkpoint_.save([this](SnapshotWriter& to) { save(to); });
  // The stages of the inputs stood still at the same time: the slowest counts.
  std::chrono::milliseconds took{};
  for (const MergeInput& input : inputs_) took = std::max(took, input.took());
  append_barrier(stream_.lines(), checkpoint_.epoch(), last ? Barrier::final : Barrier::middle,
                 took + checkpoint_.took());
  stream_.flush();
  Epoch& epoch = uncommitted_.emplace_back(Epoch{checkpoint_.epoch(), {}});
  for (const MergeInput& input : inputs_) epoch.inputs.push_back(input.epoch());
  if (last) {
    phase_ = Phase::over;
  } else {
    release_all();
  }
  return true;
}

void MergeEpochs::end_inputs() {
  for (MergeInput& input : inputs_)
    if (input.order().is_over() && !input.is_done()) input.end();
}

/// Lets the inputs go on, first with lines that have been read already.
void MergeEpochs::release_all() {
  for (MergeInput& input : inputs_)
    if (!input.is_done()) input.release();
  for (MergeInput& input : inputs_)
    if (!input.is_done()) input.take_lines();
  stream_.write_block();
}

// --- commits ---------------------------------------------------------------------------------------------------------

/// Tells each input's run which of its epochs are committed, and passes on requests for a barrier.
void MergeEpochs::note_committed() {
  if (clock::now() < next_look_) return;
  next_look_ = clock::now() + look_every;
  const state::RunFolder& whole = checkpoint_.run_folder();
  if (whole.barrier_asked_for()) {
    whole.withdraw_asking();
    for (const MergeInput& input : inputs_) input.folder().ask_for_barrier();
  }
  if (uncommitted_.empty()) return;
  const std::uint64_t committed = whole.committed();
  std::optional<Epoch> last;
  while (!uncommitted_.empty() && uncommitted_.front().number <= committed) {
    last = std::move(uncommitted_.front());
    uncommitted_.pop_front();
  }
  if (!last) return;
  for (std::size_t i = 0; i < inputs_.size(); ++i) {
    const state::RunFolder folder = inputs_[i].folder();
    folder.write_pace(whole.pace());
    if (folder.committed() < last->inputs[i]) folder.write_committed(last->inputs[i], state::Durable::no);
  }
  checkpoint_.tidy(committed);
}

void MergeEpochs::finish() {
  const int output = stream_.output().fd();
  await_last_commit(output, [this] {
    next_look_ = {};
    note_committed();
    return uncommitted_.empty();
  });
  checkpoint_.tidy_at_end(output);
}

}  // namespace weir::pipe_merge
