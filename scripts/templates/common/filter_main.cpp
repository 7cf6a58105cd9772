// @NAME@: @BRIEF_TEXT@.
#include "@FILE@.hpp"
#include "pipeline/filter_main.hpp"

namespace {

void define_options(weir::cli::App& app, weir::@SPACE@::Settings& settings) {
  app.example("@NAME@ readings.ndjson", "Each record, unchanged");
  app.example("echo '{\"a\":1}' | @NAME@", "A record in, a record out");
  app.example("csv-tail readings.csv | @NAME@ --every 10", "Every tenth row of a CSV file");
  app.option("--every", settings.every, "Pass on one of so many records").at_least(1);
@OWN_OPTIONS@
}

}  // namespace

int main(int argc, char** argv) {
  return weir::filter_main<weir::@SPACE@::@CLASS@>(argc, argv, "@NAME@", "@BRIEF_TEXT@", define_options);
}
