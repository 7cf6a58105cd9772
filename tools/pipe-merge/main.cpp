// pipe-merge: several inputs into one stream.
#include <algorithm>

#include "cli/app.hpp"
#include "merge.hpp"

namespace {

using namespace weir;
using namespace weir::pipe_merge;

struct Options {
  std::vector<std::string> inputs;
  std::vector<std::string> dropped;
  InputOptions input;
};

void define_options(cli::App& app, Options& options) {
  app.example("pipe-merge <(csv-tail readings.csv) readings.ndjson | jq -r .city | sort | uniq -c",
              "Two inputs, as their records come");
  app.example(
      "pipe-merge sensors.ndjson <(jq -c '{timestamp, sensor: .meter, parameter: \"kw\", value: .kw}' meters.ndjson) | "
      "win-agg --every 1h --by sensor --lateness 2h --agg 'avg(value)'",
      "Records of two forms, brought into one, and aggregated");
  app.example(
      "export WEIR_STATE=all.state; pipe-merge <(WEIR_STATE=$WEIR_STATE/a csv-tail readings.csv) "
      "<(WEIR_STATE=$WEIR_STATE/b csv-tail readings.csv) | csv-append all.csv",
      "Two pipelines with checkpoints become one");
  app.positional("INPUT", options.inputs, "Inputs: FIFOs, `<(…)` of a shell, files; `-` is standard input")
      .may_change();
  app.group("Inputs");
  app.option("--drop", options.dropped, "With --state: continue without this input of earlier runs")
      .metavar("NAME")
      .may_change();
  options.input.define_without_files(app);
}

void validate(const Options& options) {
  if (options.inputs.empty()) throw cli::UsageError("INPUT is missing: pipe-merge <(csv-tail a.csv) <(csv-tail b.csv)");
  if (std::count(options.inputs.begin(), options.inputs.end(), "-") > 1)
    throw cli::UsageError("standard input can be read once");
}

cli::Exit run(const Options& options, cli::Context& context) {
  return Merge({.inputs = options.inputs, .dropped = options.dropped}, options.input, context).run();
}

}  // namespace

int main(int argc, char** argv) {
  return weir::cli::main_of<Options>(argc, argv, "pipe-merge", "makes one stream of several inputs", define_options,
                                     validate, run);
}
