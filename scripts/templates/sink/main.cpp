// @NAME@: @BRIEF_TEXT@.
#include "@FILE@.hpp"
#include "pipeline/sink_main.hpp"

namespace {

using weir::@SPACE@::@CLASS@;

void define_options(weir::cli::App& app, @CLASS@::Settings&) {
  app.example("echo '{\"a\":1}' | @NAME@", "A record is counted");
  app.example("@NAME@ readings.ndjson", "The records of a file");
  app.example("csv-tail readings.csv | @NAME@ --rejects refused.ndjson", "Rows of a CSV file; what is no record is kept");
}

}  // namespace

int main(int argc, char** argv) {
  return weir::sink_main<@CLASS@>(argc, argv, "@NAME@", "@BRIEF_TEXT@", define_options);
}
