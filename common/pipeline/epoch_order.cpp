#include "pipeline/epoch_order.hpp"

#include <fmt/format.h>

#include <stdexcept>

#include "cli/signals.hpp"
#include "pipeline/bystander.hpp"

namespace weir {

void EpochOrder::take(const Control& control) {
  switch (control.type) {
    case Control::Type::begin:
      if (at_ != At::start) out_of_order("a second begin");
      run_ = control.run;
      at_ = At::begun;
      return;
    case Control::Type::restore:
      if (at_ != At::begun || control.run != run_) out_of_order("a restore");
      epoch_ = control.epoch;
      at_ = At::data;
      return;
    case Control::Type::end:
      if (at_ != At::data) out_of_order("the end of input");
      at_ = At::ended;
      finished_ = true;
      return;
    case Control::Type::barrier:
      if ((at_ != At::data && (at_ != At::ended || !control.final)) || control.epoch != epoch_ + 1)
        out_of_order("a barrier");
      epoch_ = control.epoch;
      if (control.final) at_ = At::over;
      return;
    default:
      return;
  }
}

void EpochOrder::out_of_order(std::string_view what) const {
  throw std::runtime_error(
      fmt::format("{}{} comes out of order: a stage before this one breaks the protocol", prefix(), what));
}

void EpochOrder::unexpected_record() const {
  if (at_ != At::start) out_of_order("a record");
  throw cli::UsageError(prefix() +
                        "with --state, records come from a source that keeps state too, through stages that do; "
                        "pipe-via runs other programs in between");
}

cli::Exit EpochOrder::ended_early() const {
  // Nothing has come and nothing is dropped: the source itself reports why it did not begin.
  if (!has_restored() || cli::stop_requested()) return cli::Exit::done;
  end_as_bystander();
  throw std::runtime_error(fmt::format(
      "{}the input ended without its last barrier, because an earlier stage is gone: the next start replays what came "
      "after the last committed epoch",
      prefix()));
}

}  // namespace weir
