// @NAME@: @BRIEF_TEXT@.
#include "@FILE@.hpp"
#include "pipeline/sink_main.hpp"

namespace {

using weir::@SPACE@::@CLASS@;

void define_options(weir::cli::App& app, @CLASS@::Settings& settings) {
  app.example("@NAME@ --store store readings.ndjson", "Records into a store");
  app.option("--store", settings.store, "The file that is the store").file().required();
}

}  // namespace

int main(int argc, char** argv) {
  return weir::sink_main<@CLASS@>(argc, argv, "@NAME@", "@BRIEF_TEXT@", define_options);
}
