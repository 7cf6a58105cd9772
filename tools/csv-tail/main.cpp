// csv-tail: reads and follows a CSV file as records.
#include "csv_tail.hpp"
#include "cli/app.hpp"
#include "pipeline/run.hpp"

namespace {

using namespace weir;

struct Options {
  InputOptions input;
  OutputOptions output;
};

void define_options(cli::App& app, Options& options) {
  app.example("echo '{\"a\":1}' | csv-tail", "A record in, a record out");
  options.input.define(app);
  options.output.define(app);
}

void validate(const Options&) {}

cli::Exit run(const Options& options, cli::Context& context) {
  CsvTail stage;
  return run_filter(stage, options.input, options.output, context);
}

}  // namespace

int main(int argc, char** argv) {
  return weir::cli::main_of<Options>(argc, argv, "csv-tail", "reads and follows a CSV file as records", define_options, validate, run);
}
