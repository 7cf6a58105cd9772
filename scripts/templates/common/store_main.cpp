// @NAME@: @BRIEF_TEXT@.
#include "@FILE@.hpp"
#include "pipeline/sink_main.hpp"

namespace {

using weir::@SPACE@::@CLASS@;

void define_options(weir::cli::App& app, @CLASS@::Settings& settings) {
  app.example("@NAME@ @INTO@ readings.ndjson", "Records into a @STORE@");
  app.example("csv-tail readings.csv | @NAME@ @INTO@ --rejects refused.ndjson",
              "Rows of a CSV file; what is no record is kept");
  app.example("csv-tail --state seen.state readings.csv | @NAME@ --state seen.state @INTO@",
              "Each row once, however often this is started");
@OWN_OPTIONS@
}

}  // namespace

int main(int argc, char** argv) {
  return weir::sink_main<@CLASS@>(argc, argv, "@NAME@", "@BRIEF_TEXT@", define_options);
}
