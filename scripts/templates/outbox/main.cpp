// @NAME@: @BRIEF_TEXT@.
#include "@FILE@.hpp"
#include "pipeline/sink_main.hpp"

namespace {

using weir::@SPACE@::@CLASS@;

void define_options(weir::cli::App& app, @CLASS@::Settings& settings) {
  app.example("@NAME@ --to records.ndjson readings.ndjson", "Records into a file");
  app.example("csv-tail readings.csv | @NAME@ --to records.ndjson --rejects refused.ndjson",
              "Rows of a CSV file; what is no record is kept");
  app.example("csv-tail --state seen.state readings.csv | @NAME@ --state seen.state --to records.ndjson",
              "Each row once, however often this is started");
  app.option("--to", settings.file, "The file to append to").file().required();
}

}  // namespace

int main(int argc, char** argv) {
  return weir::sink_main<@CLASS@>(argc, argv, "@NAME@", "@BRIEF_TEXT@", define_options);
}
