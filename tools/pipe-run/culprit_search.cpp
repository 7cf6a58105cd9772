#include "culprit_search.hpp"

#include <algorithm>

namespace weir::pipe_run {
namespace {

constexpr std::uint64_t shrink = 16;
/// A run that fails later than this has waited for the outside, such as a server: that is not due to a record.
constexpr Duration quick = std::chrono::minutes(1);

}  // namespace

std::optional<state::Isolation> CulpritSearch::after(const Failure& failure) {
  const bool progress = failure.committed != epoch_;
  moved_ = false;
  if (!search_) return count(failure);
  if (progress) return go_on_from(failure);
  if (!failure.answered || failure.killed || failure.lasted >= quick) return search_;
  return go_on_within(failure);
}

void CulpritSearch::begin_at(std::uint64_t epoch) {
  epoch_ = epoch;
  failures_ = 0;
  failures_wanted_ = first_failures;
  most_set_aside_ = first_set_aside;
}

/// As usual: begins the search after some failures at one epoch.
std::optional<state::Isolation> CulpritSearch::count(const Failure& failure) {
  if (failure.committed != epoch_) begin_at(failure.committed);
  if (!failure.answered || failure.killed || ++failures_ < failures_wanted_) return std::nullopt;
  moved_ = true;
  search_ = {.epoch = epoch_, .lines = state::most_isolated_lines, .reason = failure.reason};
  return search_;
}

/// Some epochs were committed before the failure: it is in the next one, whose length is known.
std::optional<state::Isolation> CulpritSearch::go_on_from(const Failure& failure) {
  const auto lines = search_->lines_of(failure.committed - std::min(epoch_, failure.committed));
  const bool at_first = search_->lines == state::most_isolated_lines && failure.lasted < quick;
  begin_at(failure.committed);
  if (!lines && !at_first) {  // the search was over
    search_.reset();
    return count(failure);
  }
  moved_ = true;
  search_ = {.epoch = epoch_,
             .lines = lines ? std::max<std::uint64_t>(*lines / shrink, 1) : state::most_isolated_lines,
             .reason = failure.reason};
  return search_;
}

/// Nothing was committed: the first epoch of the run fails.
std::optional<state::Isolation> CulpritSearch::go_on_within(const Failure& failure) {
  moved_ = true;
  search_->reason = failure.reason;
  if (search_->lines > 1) {
    search_->lines /= shrink;
  } else if (search_->set_aside < most_set_aside_) {
    ++search_->set_aside;
  } else {
    // Next time it takes longer, and looks further.
    search_.reset();
    failures_ = 0;
    failures_wanted_ *= 2;
    most_set_aside_ *= 2;
    moved_ = false;
  }
  return search_;
}

}  // namespace weir::pipe_run
