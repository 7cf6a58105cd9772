// @NAME@: @BRIEF_TEXT@.
#include "@FILE@.hpp"
#include "pipeline/source_main.hpp"

namespace {

using namespace weir;
using weir::@SPACE@::Settings;

void define_options(cli::App& app, Settings& settings, SourceOptions& source) {
  app.example("@NAME@ --count 3", "Three records");
  app.example("@NAME@ --count 3 | csv-append numbers.csv", "The same, as a CSV file");
  app.example("@NAME@ --count 100000 | tail -n 1", "The last of many");
  app.option("--count", settings.count, "How many records").at_least(1);
  source.define(app);
}

std::unique_ptr<AnySource> make(const Settings& settings, const SourceOptions&, cli::Context&) {
  return std::make_unique<@SPACE@::@CLASS@>(settings);
}

}  // namespace

int main(int argc, char** argv) {
  return weir::source_main(argc, argv, "@NAME@", "@BRIEF_TEXT@", define_options, make);
}
