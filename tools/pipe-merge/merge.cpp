#include "merge.hpp"

#include <poll.h>

#include <algorithm>
#include <stdexcept>

#include "cli/signals.hpp"
#include "pipeline/bystander.hpp"
#include "pipeline/input.hpp"
#include "pipeline/stop_limit.hpp"

namespace weir::pipe_merge {

Merge::Merge(const MergeSettings& settings, const InputOptions& input, cli::Context& context)
    : rejects_(input, context),
      metrics_(input.state, context.log),
      stream_(settings.inputs.size(), rejects_, STDOUT_FILENO) {
  const StateOptions& state = input.state;
  if (state.on()) epochs_.emplace(state, context, settings.dropped, inputs_, stream_);
  const Checkpoints checkpoints = state.on() ? Checkpoints::on : Checkpoints::off;
  for (const std::string& path : settings.inputs)
    inputs_.emplace_back(inputs_.size(), path, stream_, checkpoints, state.folder, input.max_line, input.checking());
}

cli::Exit Merge::run() {
  if (epochs_) epochs_->take();
  try {
    while (goes_on()) {
      if (metrics_.is_due()) write_metrics();
      if (read_some(WaitLimit::zero())) continue;
      stream_.flush();
      read_some(wait_limit());
    }
    stream_.flush();
    if (epochs_ && epochs_->is_over()) epochs_->finish();
  } catch (const StrictReject&) {
    stream_.flush();  // earlier records still go out
    throw;
  } catch (const cli::OutputClosed&) {
    if (!epochs_) throw;
    end_as_bystander();
    return cli::Exit::failed;  // a later stage has failed and reports why; the pipeline starts again
  }
  write_metrics();
  stream_.output().close();
  return rejects_.finish();
}

void Merge::write_metrics() {
  if (!metrics_.on()) return;
  RunFigures figures;
  figures.rejected = rejects_.count();
  for (const MergeInput& input : inputs_) figures.records += input.records();
  metrics_.write(figures);
}

bool Merge::goes_on() {
  if (past_stop_limit()) return false;
  if (!epochs_)
    return std::any_of(inputs_.begin(), inputs_.end(), [](const MergeInput& input) { return !input.is_done(); });
  if (cli::stop_requested() && !epochs_->is_running()) return false;
  epochs_->advance();
  return !epochs_->is_over();
}

bool Merge::past_stop_limit() {
  if (!cli::stop_requested()) return false;
  if (stop_deadline_ == clock::time_point::max())
    stop_deadline_ = epochs_ ? stop_deadline() : clock::now() + usual_grace;
  return clock::now() >= stop_deadline_;
}

WaitLimit Merge::wait_limit() const {
  if (cli::stop_requested()) return WaitLimit(50);
  return metrics_.limit(epochs_ ? epochs_->limit() : no_limit);
}

/// Waits until an input is ready and reads each one that is. Returns whether there was any.
bool Merge::read_some(WaitLimit limit) {
  std::vector<pollfd> fds{{stream_.output().fd(), 0, 0},
                          {cli::stop_requested() ? -1 : cli::stop_descriptor(), POLLIN, 0}};
  for (const MergeInput& input : inputs_) fds.push_back({input.fd(), POLLIN, 0});
  wait_for(fds, limit);
  if ((fds[0].revents & (POLLERR | POLLNVAL)) != 0) throw cli::OutputClosed();
  bool any = false;
  for (std::size_t turn = 0; turn < inputs_.size(); ++turn) {
    const std::size_t i = (first_ + turn) % inputs_.size();
    if (fds[i + 2].revents == 0) continue;
    any = true;
    if (inputs_[i].read() == MergeInput::Read::end) take_end_of_file(inputs_[i]);
    stream_.write_block();
  }
  first_ = (first_ + 1) % inputs_.size();
  return any;
}

void Merge::take_end_of_file(MergeInput& input) {
  if (!epochs_) return input.end();
  // The final barrier of a finished or stopped input comes before the end of its file.
  if (!cli::stop_requested())
    throw std::runtime_error(input.path() +
                             " ended without its last barrier: what came after the last epoch is dropped");
  stop_deadline_ = clock::now();
}

}  // namespace weir::pipe_merge
