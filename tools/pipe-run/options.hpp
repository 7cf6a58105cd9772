// The options of pipe-run.
#pragma once
#include <cstdint>
#include <optional>
#include <string>

#include "cli/app.hpp"
#include "inspect.hpp"
#include "time/time_types.hpp"

namespace weir::pipe_run {

struct Options {
  std::string pipeline;
  std::string inspect;
  std::string reset;
  Snapshots snapshots = Snapshots::last;
  std::string state;
  std::string pipe;
  std::string metrics;
  bool rebuild = false;
  std::optional<std::uint64_t> shards, shard;
  std::optional<std::uint64_t> max_restarts;
  Duration restart_after = std::chrono::seconds(1);
  Duration restart_at_most = std::chrono::minutes(1);
  Duration patience = std::chrono::seconds(15);
};

inline void define_options(cli::App& app, Options& options) {
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
  app.option("--metrics", options.metrics,
             "Write restarts and which stages run into this .prom file; or into a folder, with the figures of all "
             "stages")
      .file("FILE.prom|DIR")
      .default_text("WEIR_METRICS, a folder");
  app.option("--inspect", options.inspect, "Print the state of each stage in this state folder as records").file("DIR");
  app.flag("--snapshots", options.snapshots, Snapshots::every, "With --inspect: every snapshot, with its settings");
  app.option("--reset", options.reset,
             "Start this pipeline over: keep its state folder as DIR.old-N, and make a new one")
      .file("DIR");
  app.flag("--rebuild", options.rebuild,
           "Where the state folder is lost: make the state again from the source, see weir-scale(7)");
  app.group("Shards");
  app.option("--shards", options.shards,
             "Run the pipeline as N shards, each with its part of the partitions and a state of its own")
      .metavar("N")
      .at_least(1)
      .at_most(1024);
  app.option("--shard", options.shard, "Only this one of --shards, from 1: the others run elsewhere")
      .metavar("K")
      .at_least(1);
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
inline bool is_file_name(const std::string& text) { return text.find_first_of("| \t\n") == std::string::npos; }

inline void validate(const Options& options) {
  if (options.inspect.empty() + options.reset.empty() + options.pipeline.empty() != 2)
    throw cli::UsageError("one of PIPELINE, --inspect DIR and --reset DIR is needed");
  if (options.restart_after <= Duration::zero() || options.patience <= Duration::zero() ||
      options.restart_at_most < options.restart_after)
    throw cli::UsageError(
        "--restart-after, --restart-at-most and --patience must be longer than 0, and the longest pause at least as "
        "long "
        "as the first");
  if (options.shard && (!options.shards || *options.shard > *options.shards))
    throw cli::UsageError("--shard K needs --shards N, and K from 1 to N");
  if (options.shards && options.pipeline.empty()) throw cli::UsageError("--shards needs a PIPELINE");
}

}  // namespace weir::pipe_run
