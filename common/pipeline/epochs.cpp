#include "pipeline/epochs.hpp"

#include <fmt/format.h>

#include <stdexcept>

#include "cli/signals.hpp"

namespace weir {

void Epochs::out_of_order(std::string_view what) {
  throw std::runtime_error(fmt::format("{} comes out of order: a stage before this one breaks the protocol", what));
}

void Epochs::unexpected_record() const {
  if (at_ != At::start) out_of_order("a record");
  throw cli::UsageError(
      "with --state, records come from a source that keeps state too, through stages that do; pipe-via "
      "runs other programs in between");
}

void Epochs::begin(const Control& control) {
  if (at_ != At::start) out_of_order("a second beginning");
  take(control.run);
  at_ = At::begun;
}

void Epochs::restore(const Control& control, const std::function<void(SnapshotReader&)>& stage) {
  if (at_ != At::begun || control.run != run()) out_of_order("a word to restore");
  Checkpoint::restore(control.epoch, stage);
  at_ = At::data;
}

void Epochs::restored(const Control& control) {
  if (at_ != At::begun || control.run != run()) out_of_order("a word to restore");
  at_ = At::data;
}

void Epochs::end() {
  if (at_ != At::data) out_of_order("the end of input");
  at_ = At::ended;
  finished_ = true;
}

void Epochs::barrier(const Control& control, const std::function<void(SnapshotWriter&)>& stage) {
  if ((at_ != At::data && at_ != At::ended) || control.epoch != epoch() + 1 || (at_ == At::ended && !control.final))
    out_of_order("a barrier");
  save(stage);
  if (control.final) at_ = At::over;
}

void Epochs::pass_barrier(const Control& control, std::string& out) const {
  append_barrier(out, control.epoch, control.final ? Barrier::final : Barrier::middle, control.took + took());
}

cli::Exit Epochs::ended_early() const {
  // Nothing has come and nothing is dropped; whatever kept the source from beginning, it says so itself.
  if (at_ == At::start || at_ == At::begun || cli::stop_requested()) return cli::Exit::done;
  throw std::runtime_error(
      "the input ended without its last barrier: a stage before this one is gone, and what came "
      "behind the last epoch is dropped");
}

}  // namespace weir
