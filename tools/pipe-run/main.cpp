// pipe-run: runs a pipeline as one.
#include <fmt/format.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>

#include "cli/app.hpp"
#include "inspect.hpp"
#include "pipeline/bystander.hpp"
#include "pipeline/standard_output.hpp"
#include "process/spawn.hpp"
#include "reset.hpp"
#include "state/atomic_file.hpp"
#include "state_line.hpp"
#include "supervisor.hpp"

namespace {

using namespace weir;
using namespace weir::pipe_run;

struct Options {
  std::string pipeline;
  std::string inspect;
  std::string reset;
  Snapshots snapshots = Snapshots::last;
  std::string state;
  std::string pipe;
  std::optional<std::uint64_t> max_restarts;
  Duration restart_after = std::chrono::seconds(1);
  Duration restart_at_most = std::chrono::minutes(1);
  Duration patience = std::chrono::seconds(15);
};

void define_options(cli::App& app, Options& options) {
  app.example(
      "pipe-run --state hours.state -- 'csv-tail readings.csv | win-agg --every 1h --by city | csv-append hours.csv'",
      "Each hour's row once, whatever is killed: run it again and it goes on");
  app.example(
      "pipe-run --state seen.state -- 'csv-tail readings.csv | csv-append copy.csv' && pipe-run --inspect seen.state",
      "How far each stage is: its last epoch, how many are not committed, its age");
  app.example(
      "echo 'csv-tail readings.csv | thresh-alert --by city --rules alerts.toml' >alerts.pipe; pipe-run alerts.pipe",
      "A pipeline from a file, without state");
  app.positional("PIPELINE", options.pipeline, "Pipeline, as 'a | b | c', or a file with one");
  app.group("State");
  app.option("--state", options.state, "State folder of the pipeline, passed to all stages: see weir-checkpoints(7)")
      .file("DIR")
      .env("WEIR_STATE");
  app.option("--pipe", options.pipe, "Name of the pipeline, passed to all stages").metavar("NAME").env("WEIR_PIPE");
  app.option("--inspect", options.inspect, "Print the state of each stage in this state folder as records").file("DIR");
  app.flag("--snapshots", options.snapshots, Snapshots::every, "With --inspect: every snapshot, with its settings");
  app.option("--reset", options.reset,
             "Start this pipeline over: keep its state folder as DIR.old-N, and make a new one")
      .file("DIR");
  app.group("Restarts");
  app.option("--max-restarts", options.max_restarts, "Give up with exit 1 after this many; never unless given")
      .at_least(0);
  app.option("--restart-after", options.restart_after, "Pause before the first restart; doubles each time");
  app.option("--restart-at-most", options.restart_at_most, "Longest pause before a restart");
  app.option(
      "--patience", options.patience,
      "How long stages may take to end by themselves after a failure or a stop request; then they get SIGTERM, and "
      "after the same time again SIGKILL");
}

/// A name of one word is a file; anything else is a pipeline.
bool is_file_name(const std::string& text) { return text.find_first_of("| \t\n") == std::string::npos; }

void validate(const Options& options) {
  if (options.inspect.empty() + options.reset.empty() + options.pipeline.empty() != 2)
    throw cli::UsageError("one of PIPELINE, --inspect DIR and --reset DIR is needed");
  if (options.restart_after <= Duration::zero() || options.patience <= Duration::zero() ||
      options.restart_at_most < options.restart_after)
    throw cli::UsageError(
        "--restart-after, --restart-at-most and --patience must be longer than 0, and the longest pause at least as "
        "long "
        "as the first");
}

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
  try {
    if (!is_file_name(options.pipeline)) return parse_pipeline(options.pipeline);
    const auto bytes = state::read_file(options.pipeline);
    if (!bytes) throw cli::UsageError(fmt::format("the file {} does not exist", options.pipeline));
    const PipelineText text = read_pipeline_file(*bytes);
    for (const auto& [name, value] : text.variables) ::setenv(name.c_str(), value.c_str(), 1);
    return parse_pipeline(text.pipeline);
  } catch (const std::invalid_argument& problem) {
    throw cli::UsageError(problem.what());
  }
}

cli::Exit run(const Options& options, cli::Context& context) {
  if (!options.inspect.empty()) return inspect(options);
  if (!options.reset.empty()) {
    context.log.info(fmt::format("{} begins anew; its old state is {}", options.reset, reset_state(options.reset)));
    return cli::Exit::done;
  }
  ::setenv("WEIR_EXIT_ON_EOF", "1", 1);  // a stage that stays up at the end of its input would hold up a restart
  if (!options.state.empty()) ::setenv("WEIR_STATE", options.state.c_str(), 1);
  if (!options.pipe.empty()) ::setenv("WEIR_PIPE", options.pipe.c_str(), 1);
  ::setenv(run_variable, std::to_string(::getpid()).c_str(), 1);
  SupervisorSettings settings;
  settings.stages = stages_of(options);
  if (const char* const state = std::getenv("WEIR_STATE")) settings.state = state;
  settings.max_restarts = options.max_restarts;
  settings.first_pause = options.restart_after;
  settings.longest_pause = options.restart_at_most;
  settings.end_limit = options.patience;
  StateLine line(context.show_progress);
  Supervisor supervisor(std::move(settings), {[&](const std::string& message) {
                                                line.clear();
                                                context.log.warn(message);
                                              },
                                              [&line](std::uint64_t restarts) { line.show(restarts); }});
  try {
    return supervisor.run();
  } catch (const process::NoProgram& problem) {
    throw cli::UsageError(problem.what());
  }
}

}  // namespace

int main(int argc, char** argv) {
  return weir::cli::main_of<Options>(argc, argv, "pipe-run", "runs a pipeline, and restarts it when a stage fails",
                                     define_options, validate, run);
}
