// @NAME@: @BRIEF_TEXT@.
#include "@FILE@.hpp"
#include "pipeline/source_main.hpp"

namespace {

using namespace weir;
using weir::@SPACE@::Settings;

void define_options(cli::App& app, Settings& settings, SourceOptions& source) {
  app.example("@NAME@ --from readings.ndjson", "The lines of a file");
  app.example("@NAME@ --from readings.ndjson | csv-append copy.csv", "The same, as a CSV file");
  app.example("@NAME@ --from sensors.ndjson --quiet | tail -n 1", "The last line");
  app.option("--from", settings.from, "The file whose lines are received").file().required();
  source.define_with_rejects(app);
}

std::unique_ptr<AnySource> make(const Settings& settings, const SourceOptions&, cli::Context&) {
  return std::make_unique<SpooledSource>(std::make_unique<@SPACE@::@CLASS@>(settings), settings.spooled);
}

}  // namespace

int main(int argc, char** argv) {
  return weir::source_main(argc, argv, "@NAME@", "@BRIEF_TEXT@", define_options, make);
}
