// Looks for the record at which a pipeline fails again and again.
#pragma once
#include <cstdint>
#include <optional>
#include <string>

#include "state/isolation.hpp"
#include "time/time_types.hpp"

namespace weir::pipe_run {

/// How a run has failed.
struct Failure {
  std::uint64_t committed = 0;  ///< the last epoch
  bool answered = false;        ///< the sink had told the source where to go on
  bool killed = false;          ///< the stage that failed first was killed from outside
  Duration lasted{};
  std::string reason;  ///< why the record of this run is set aside, should it be the one
};

/// Decides how the next run replays. After some failures at one epoch the next runs have smaller and smaller epochs, at
/// last of one record. A run that cannot commit even that one leaves out the record, then the next one too, and so on:
/// they are rejected once a record after them is committed. A failure of all records is not due to one.
class CulpritSearch {
 public:
  /// What the source of the next run is told; nothing where it runs as usual.
  std::optional<state::Isolation> after(const Failure& failure);

  /// The last failure moved the search on: the next run is a step of it, not a try after a failure of the outside.
  bool moved() const { return moved_; }

 private:
  std::optional<state::Isolation> count(const Failure& failure);
  std::optional<state::Isolation> go_on_from(const Failure& failure);
  std::optional<state::Isolation> go_on_within(const Failure& failure);
  void begin_at(std::uint64_t epoch);

  static constexpr std::uint64_t first_failures = 3;
  static constexpr std::uint64_t first_set_aside = 16;

  std::uint64_t epoch_ = 0;                         ///< the last one committed
  std::uint64_t failures_ = 0;                      ///< after it
  std::uint64_t failures_wanted_ = first_failures;  ///< before the search begins
  std::uint64_t most_set_aside_ = first_set_aside;
  std::optional<state::Isolation> search_;
  bool moved_ = false;
};

}  // namespace weir::pipe_run
