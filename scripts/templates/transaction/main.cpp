// @NAME@: @BRIEF_TEXT@.
#include "@FILE@.hpp"
#include "pipeline/sink_main.hpp"

namespace {

using weir::@SPACE@::@CLASS@;

void define_options(weir::cli::App& app, @CLASS@::Settings& settings) {
  app.example("@NAME@ --store store readings.ndjson", "Records into a store");
  app.example("csv-tail readings.csv | @NAME@ --store store --rejects refused.ndjson",
              "Rows of a CSV file; what is no record is kept");
  app.example("csv-tail --state seen.state readings.csv | @NAME@ --state seen.state --store store",
              "Each row once, however often this is started");
  app.option("--store", settings.store, "The file that is the store").file().required();
  app.option("--prefix", settings.prefix, "Text before each record").metavar("TEXT");
}

}  // namespace

int main(int argc, char** argv) {
  return weir::sink_main<@CLASS@>(argc, argv, "@NAME@", "@BRIEF_TEXT@", define_options);
}
