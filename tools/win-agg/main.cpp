// win-agg: aggregates records over windows of event time.
#include "win_agg.hpp"
#include "cli/app.hpp"
#include "pipeline/run.hpp"

namespace {

using namespace weir;

struct Options {
  InputOptions input;
  OutputOptions output;
};

void define_options(cli::App& app, Options& options) {
  app.example("echo '{\"a\":1}' | win-agg", "A record in, a record out");
  options.input.define(app);
  options.output.define(app);
}

void validate(const Options&) {}

cli::Exit run(const Options& options, cli::Context& context) {
  WinAgg stage;
  return run_filter(stage, options.input, options.output, context);
}

}  // namespace

int main(int argc, char** argv) {
  return weir::cli::main_of<Options>(argc, argv, "win-agg", "aggregates records over windows of event time", define_options, validate, run);
}
