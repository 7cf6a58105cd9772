// pipe-spool: a stream into a folder, from which any number of pipelines read it.
#include <algorithm>
#include <cctype>

#include "cli/app.hpp"
#include "pipeline/run.hpp"
#include "spool_sink.hpp"
#include "spool_source.hpp"

namespace {

using namespace weir;
using namespace weir::pipe_spool;

struct Options {
  std::string folder;
  std::string reader;
  bool follow = false;
  std::uint64_t spool_limit = state::SpoolLimits().total;
  InputOptions input;
  SourceOptions output;
};

void define_options(cli::App& app, Options& options) {
  app.example("csv-tail readings.csv | pipe-spool spool; pipe-spool --read rows spool | csv-append copy.csv",
              "A stream into a folder, and out of it again");
  app.example(
      "(WEIR_STATE=in.state; export WEIR_STATE; csv-tail readings.csv | pipe-spool spool)\n"
      "  (WEIR_STATE=a.state; export WEIR_STATE; pipe-spool --read rows spool | csv-append rows.csv)\n"
      "  (WEIR_STATE=b.state; export WEIR_STATE; pipe-spool --read hours spool | win-agg --every 1h --by city | "
      "csv-append hours.csv)",
      "With checkpoints: three pipelines, each of which may be killed and started again by itself");
  app.positional("DIR", options.folder, "The spool's folder");
  app.group("Reading");
  app.option("--read", options.reader, "Read the spool instead of writing to it, as the reader of this name")
      .metavar("NAME");
  app.flag("-f,--follow", options.follow, "With --read: go on when more comes; the spool may appear later")
      .may_change();
  app.group("Writing");
  app.size("--spool-limit", options.spool_limit,
           "No more input is taken while so much is in the spool that not all readers have done with")
      .may_change();
  options.input.define_checks(app);
  options.output.define(app);
}

void validate(const Options& options) {
  if (options.folder.empty()) throw cli::UsageError("DIR is missing: the spool's folder");
  if (options.spool_limit < 4096) throw cli::UsageError("--spool-limit must be at least 4K");
  if (options.reader.empty()) {
    if (options.follow) throw cli::UsageError("-f needs --read NAME");
    return;
  }
  const auto is_plain = [](unsigned char c) { return std::isalnum(c) != 0 || c == '-' || c == '_'; };
  if (options.reader.size() > 100 || !std::all_of(options.reader.begin(), options.reader.end(), is_plain))
    throw cli::UsageError("--read takes a name of letters, digits, - and _");
}

/// Segments small enough that something can be removed before the spool is full.
state::SpoolLimits limits_for(std::uint64_t total) {
  return {.segment = std::min(state::SpoolLimits().segment, total / 8), .total = total};
}

cli::Exit run(const Options& options, cli::Context& context) {
  if (!options.reader.empty()) {
    SpoolSource source({.folder = options.folder, .name = options.reader, .follow = options.follow});
    return run_source(source, options.output, context);
  }
  InputOptions input = options.input;
  input.state = options.output.state;
  SpoolSink sink(options.folder, limits_for(options.spool_limit),
                 input.state.on() ? SpoolSink::Commit::epochs : SpoolSink::Commit::blocks,
                 [&context](const std::string& words) { context.log.warn(words); });
  return run_sink(sink, input, context);
}

}  // namespace

int main(int argc, char** argv) {
  return weir::cli::main_of<Options>(argc, argv, "pipe-spool", "a stream into a folder, from which many can read it",
                                     define_options, validate, run);
}
