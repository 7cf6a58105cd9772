// polyfit-predict: predicts the next values of a series by a fitted polynomial.
#include "polyfit_predict.hpp"
#include "cli/app.hpp"
#include "pipeline/run.hpp"

namespace {

using namespace weir;

struct Options {
  InputOptions input;
  OutputOptions output;
};

void define_options(cli::App& app, Options& options) {
  app.example("echo '{\"a\":1}' | polyfit-predict", "A record in, a record out");
  options.input.define(app);
  options.output.define(app);
}

void validate(const Options&) {}

cli::Exit run(const Options& options, cli::Context& context) {
  PolyfitPredict stage;
  return run_filter(stage, options.input, options.output, context);
}

}  // namespace

int main(int argc, char** argv) {
  return weir::cli::main_of<Options>(argc, argv, "polyfit-predict", "predicts the next values of a series by a fitted polynomial", define_options, validate, run);
}
