// @NAME@: @BRIEF_TEXT@.
#include "@FILE@.hpp"
#include "pipeline/source_main.hpp"

namespace {

using namespace weir;
using weir::@SPACE@::Settings;

void define_options(cli::App& app, Settings& settings, SourceOptions& source) {
@OWN_OPTIONS@
}

std::unique_ptr<AnySource> make(const Settings& settings, const SourceOptions&, cli::Context&) {
  return @MADE@;
}

}  // namespace

int main(int argc, char** argv) {
  return weir::source_main(argc, argv, "@NAME@", "@BRIEF_TEXT@", define_options, make);
}
