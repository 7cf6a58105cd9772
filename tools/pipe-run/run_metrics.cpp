#include "run_metrics.hpp"

#include <cstdlib>

namespace weir::pipe_run {
namespace {

std::string variable(const char* name) {
  const char* const value = std::getenv(name);
  return value == nullptr ? "" : value;
}

/// Where the file goes. Variables may come from the pipeline's file.
StateOptions place_of(const std::string& path, const std::string& state) {
  StateOptions options;
  options.folder = state;
  options.pipe = variable("WEIR_PIPE");
  options.metrics = path.empty() ? variable("WEIR_METRICS") : path;
  if (path.empty() && options.metrics.ends_with(".prom")) options.metrics.clear();  // it is that of a stage
  return options;
}

}  // namespace

RunMetrics::RunMetrics(const std::vector<StageText>& stages, const std::string& path, const std::string& state,
                       cli::Log& log)
    : file_(place_of(path, state), log) {
  for (const StageText& each : stages) programs_.push_back(each.arguments[0]);
}

void RunMetrics::update(const Progress& progress) {
  if (!file_.on() || (!file_.is_due() && written_ == progress)) return;
  written_ = progress;
  std::vector<StageCounter> figures;
  figures.push_back({"weir_restarts_total", "How often all stages were started again", {}, progress.restarts});
  const auto add = [&](std::string_view name, std::string_view help, std::string_view type, auto value) {
    for (std::size_t i = 0; i < programs_.size(); ++i)
      figures.push_back({name,
                         help,
                         {{"number", std::to_string(i + 1)}, {"program", programs_[i]}},
                         value(progress.stages[i]),
                         type});
  };
  add("weir_stage_up", "Whether the stage runs", "gauge",
      [](const Progress::Stage& each) { return std::uint64_t{each.runs}; });
  add("weir_stage_failures_total", "How often the stage failed, and the others ended because of it", "counter",
      [](const Progress::Stage& each) { return each.failures; });
  file_.write_own(figures);
}

}  // namespace weir::pipe_run
