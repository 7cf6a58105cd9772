// Figures of a pipeline as a whole, for Prometheus.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "pipeline/metrics_file.hpp"
#include "supervisor.hpp"

namespace weir::pipe_run {

/// Writes how often the pipeline was started again, and which stages run: every few seconds, and when that changes.
class RunMetrics {
 public:
  /// `path` is that of --metrics; empty: WEIR_METRICS where it is a folder, or nothing is written. `log` must outlive
  /// this.
  RunMetrics(const std::vector<StageText>& stages, const std::string& path, const std::string& state, cli::Log& log);
  void update(const Progress& progress);

 private:
  std::vector<std::string> programs_;
  MetricsFile file_;
  std::optional<Progress> written_;
};

}  // namespace weir::pipe_run
