// sensor-sim: makes seeded, repeatable sensor readings.
#include "sensor_sim.hpp"
#include "cli/app.hpp"
#include "pipeline/run.hpp"

namespace {

using namespace weir;

struct Options {
  InputOptions input;
  OutputOptions output;
};

void define_options(cli::App& app, Options& options) {
  app.example("echo '{\"a\":1}' | sensor-sim", "A record in, a record out");
  options.input.define(app);
  options.output.define(app);
}

void validate(const Options&) {}

cli::Exit run(const Options& options, cli::Context& context) {
  SensorSim stage;
  return run_filter(stage, options.input, options.output, context);
}

}  // namespace

int main(int argc, char** argv) {
  return weir::cli::main_of<Options>(argc, argv, "sensor-sim", "makes seeded, repeatable sensor readings", define_options, validate, run);
}
