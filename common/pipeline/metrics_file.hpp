// Figures of a run for Prometheus, in a file that node_exporter or pipe-health reads.
#pragma once
#include <array>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "cli/log.hpp"
#include "pipeline/options.hpp"
#include "pipeline/stage_counter.hpp"
#include "pipeline/wait.hpp"
#include "state/lock_file.hpp"
#include "time/time_types.hpp"

namespace weir {

/// What a run has counted so far.
struct RunFigures {
  std::uint64_t records = 0;   ///< rejected ones included
  std::uint64_t rejected = 0;  ///< of them
  std::uint64_t late = 0;
  std::optional<Time> watermark{};
  std::optional<std::uint64_t> epoch{};  ///< the last one that is saved
  std::vector<StageCounter> own{};       ///< counters of the stage's own
};

/// Writes the figures every few seconds and at the end (--metrics). Without the option nothing is done and no clock is
/// read.
class MetricsFile {
 public:
  /// `log` must outlive this. Throws cli::UsageError when a name cannot be part of a file's.
  MetricsFile(const StateOptions& options, cli::Log& log);

  bool on() const { return !path_.empty(); }
  /// Whether it is time for write(); asked after every block and after every wait.
  bool is_due() const { return on() && clock::now() >= next_; }
  /// The shorter of a wait and the time until write() is due.
  WaitLimit limit(WaitLimit wait) const;

  /// A snapshot was made durable; the stage stood still for so long.
  void note_snapshot(std::chrono::nanoseconds took) { snapshots_.observe(took); }
  /// The sink has committed an epoch so long after its barrier.
  void note_commit(std::chrono::nanoseconds took) { commits_.observe(took); }

  /// Replaces the file, unless another stage writes it. What fails is reported once, and does not end the run.
  void write(const RunFigures& figures);
  /// As write(), for a program that has no records: these figures alone.
  void write_own(const std::vector<StageCounter>& figures);
  /// The text of the file.
  std::string text(const RunFigures& figures, std::chrono::system_clock::time_point now) const;

 private:
  using clock = std::chrono::steady_clock;

  /// Counts of durations up to each bound.
  struct Durations {
    static constexpr std::array<double, 7> bounds{0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1};
    void observe(std::chrono::nanoseconds took);
    std::array<std::uint64_t, bounds.size() + 1> counts{};  ///< the last one is of all
    double sum = 0;
  };
  static void append(std::string& out, const char* name, const char* help, const std::string& labels,
                     const Durations& durations);

  bool take_lock();
  bool may_write();
  void write_text(const std::string& text);
  void append_own(std::string& out, const std::vector<StageCounter>& figures) const;

  std::string path_;
  std::string labels_;  ///< `tool="…",stage="…"`
  std::string stage_;
  cli::Log& log_;
  std::optional<state::LockFile> lock_;  ///< beside the file
  bool failed_ = false;
  clock::time_point next_;
  std::chrono::system_clock::time_point began_;
  Durations snapshots_, commits_;
};

}  // namespace weir
