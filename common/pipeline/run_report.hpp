// What a run reports of its records while it runs.
#pragma once
#include <chrono>
#include <cstdint>
#include <optional>
#include <vector>

#include "cli/errors.hpp"
#include "pipeline/options.hpp"
#include "pipeline/wait.hpp"
#include "record/counted.hpp"
#include "record/field_watch.hpp"
#include "record/log.hpp"

namespace weir {

/// Reports counts once a minute and at the end, and the fields that options name and no record has. It holds the clock
/// that stages do not know.
class RunReport {
 public:
  /// How long a stream may be without a field that an option names.
  static constexpr std::chrono::seconds field_limit{10};

  /// `log` must outlive this. `named` are looked for among `fields`.
  RunReport(const RejectOptions& options, Log& log, const std::vector<NamedField>& named, const FieldSet& fields);

  /// Whether records are still looked at.
  bool looks() const { return watch_.waits(); }
  /// Looks for named fields in a record. Throws StrictReject with --strict when enough records have none.
  void look(const Record& record) {
    if (watch_.waits()) look_for_fields(record);
  }

  /// The counts of an earlier run of the pipeline, which are not of this one.
  void begin_from(const CountReport& counts) {
    begun_ = counts;
    reported_ = {};
  }

  /// Whether it is time for report(); asked after every block and after every wait.
  bool is_due() const { return clock::now() >= next_; }
  /// Reports what is new. `rejected` records have been rejected in this run.
  void report(const CountReport& counts, std::uint64_t rejected);
  /// The shorter of a wait and the time until report() is due.
  WaitLimit limit(WaitLimit wait) const;

  /// Reports the counts of this run at its end. Returns Exit::left_out when records were lost, or a field was not found
  /// with --strict.
  cli::Exit finish(const CountReport& counts);

  /// The fields still to come.
  void state(StateArchive& archive) { archive.value(watch_); }

 private:
  using clock = std::chrono::steady_clock;
  void look_for_fields(const Record& record);
  void report_fields(std::string_view so_far);

  Log& log_;
  FieldWatch watch_;
  bool strict_;
  bool fields_reported_ = false;
  clock::duration every_;
  clock::time_point next_counts_;
  clock::time_point next_fields_ = clock::time_point::max();
  clock::time_point next_;  ///< the earlier of both
  CountReport begun_;
  CountReport reported_;
  std::uint64_t rejected_ = 0;
};

}  // namespace weir
