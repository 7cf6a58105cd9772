// pipe-run: runs a pipeline as one.
#include <fmt/format.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>

#include "options.hpp"
#include "pipeline/bystander.hpp"
#include "pipeline/standard_output.hpp"
#include "process/spawn.hpp"
#include "reset.hpp"
#include "run_metrics.hpp"
#include "shards.hpp"
#include "state/atomic_file.hpp"
#include "state/stage_folder.hpp"
#include "state_line.hpp"
#include "supervisor.hpp"

namespace {

using namespace weir;
using namespace weir::pipe_run;

cli::Exit inspect(const Options& options) {
  if (!std::filesystem::is_directory(options.inspect))
    throw cli::UsageError(
        fmt::format("--inspect: {} is not a folder; DIR is the one that --state or WEIR_STATE of the pipeline names",
                    options.inspect));
  Inspection found;
  try {
    found = inspect_state(options.inspect, options.snapshots);
  } catch (const std::filesystem::filesystem_error& error) {
    throw std::runtime_error(fmt::format("--inspect: {}: {}", error.path1().string(), error.code().message()));
  }
  StandardOutput out;
  out.write(found.lines);
  out.close();
  return found.damaged == 0 ? cli::Exit::done : cli::Exit::state;
}

std::vector<StageText> stages_of(const Options& options) {
  const auto parse = [&](const std::string& text) {
    if (options.shard) become_shard({*options.shard, *options.shards});
    return parse_pipeline(text);
  };
  try {
    if (!is_file_name(options.pipeline)) return parse(options.pipeline);
    const auto bytes = state::read_file(options.pipeline);
    if (!bytes) throw cli::UsageError(fmt::format("the file {} does not exist", options.pipeline));
    const PipelineText text = read_pipeline_file(*bytes);
    for (const auto& [name, value] : text.variables) ::setenv(name.c_str(), value.c_str(), 1);
    return parse(text.pipeline);
  } catch (const std::invalid_argument& problem) {
    throw cli::UsageError(problem.what());
  }
}

/// Whether all of the state is lost, or an earlier run has begun to make it again.
bool may_rebuild(const std::string& folder, cli::Log& log) {
  if (folder.empty()) throw cli::UsageError("--rebuild makes a state again: it goes with --state");
  if (state::RunFolder(folder).rebuilt() || !has_snapshots(folder)) return true;
  log.info(fmt::format("{} has its state: there is nothing to rebuild", folder));
  return false;
}

cli::Exit run(const Options& options, cli::Context& context) {
  if (!options.inspect.empty()) return inspect(options);
  if (!options.reset.empty()) {
    context.log.info(fmt::format("{} begins anew; its old state is {}", options.reset, reset_state(options.reset)));
    return cli::Exit::done;
  }
  if (options.shards && !options.shard)
    return run_shards(*options.shards, options.patience,
                      [&](const std::string& message) { context.log.warn(message); });
  ::setenv("WEIR_EXIT_ON_EOF", "1", 1);  // a stage that stays up at the end of its input would hold up a restart
  if (!options.state.empty()) ::setenv("WEIR_STATE", options.state.c_str(), 1);
  if (!options.pipe.empty()) ::setenv("WEIR_PIPE", options.pipe.c_str(), 1);
  if (!options.metrics.empty() && !options.metrics.ends_with(".prom"))
    ::setenv("WEIR_METRICS", options.metrics.c_str(), 1);
  ::setenv(run_variable, std::to_string(::getpid()).c_str(), 1);
  SupervisorSettings settings;
  settings.stages = stages_of(options);
  if (const char* const state = std::getenv("WEIR_STATE")) settings.state = state;
  if (options.rebuild && may_rebuild(settings.state, context.log)) ::setenv(rebuild_variable, "1", 1);
  if (!options.shard && !settings.state.empty()) check_shards(settings.state, 0);
  settings.max_restarts = options.max_restarts;
  settings.first_pause = options.restart_after;
  settings.longest_pause = options.restart_at_most;
  settings.end_limit = options.patience;
  RunMetrics metrics(settings.stages, options.metrics, settings.state, context.log);
  StateLine line(context.show_progress && !options.shard);
  const std::string which = options.shard ? fmt::format("shard {}/{}: ", *options.shard, *options.shards) : "";
  Supervisor supervisor(std::move(settings), {[&](const std::string& message) {
                                                line.clear();
                                                context.log.warn(which + message);
                                              },
                                              [&](const Progress& progress) {
                                                line.show(progress.restarts);
                                                metrics.update(progress);
                                              }});
  try {
    const cli::Exit exit = supervisor.run();
    metrics.update(supervisor.progress());
    return exit;
  } catch (const process::NoProgram& problem) {
    throw cli::UsageError(problem.what());
  }
}

}  // namespace

int main(int argc, char** argv) {
  return weir::cli::main_of<Options>(argc, argv, "pipe-run", "runs a pipeline, and restarts it when a stage fails",
                                     define_options, validate, run);
}
