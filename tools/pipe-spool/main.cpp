// pipe-spool: a stream into a folder, from which any number of pipelines read it.
#include <algorithm>
#include <cctype>
#include <stdexcept>

#include "cli/app.hpp"
#include "pipeline/run.hpp"
#include "spool_sink.hpp"
#include "spool_source.hpp"

namespace {

using namespace weir;
using namespace weir::pipe_spool;

struct Options {
  SpoolSink::Settings sink;
  std::string reader;
  bool follow = false;
  InputOptions input;
  SourceOptions output;
};

void define_options(cli::App& app, Options& options) {
  app.example("csv-tail readings.csv | pipe-spool spool; pipe-spool --read rows spool | csv-append copy.csv",
              "A stream into a folder, and out of it again");
  app.example(
      "(export WEIR_STATE=in.state; csv-tail readings.csv | pipe-spool spool)\n  (export WEIR_STATE=a.state; "
      "pipe-spool --read rows spool | csv-append rows.csv)\n  (export WEIR_STATE=b.state; pipe-spool --read hours "
      "spool | win-agg --every 1h --by city | csv-append hours.csv)",
      "One stream, two pipelines, each with checkpoints of its own");
  app.example(
      "cat readings.ndjson | pipe-spool --spool-limit 64M spool; pipe-spool --read alerts spool | thresh-alert --by "
      "city --rules alerts.toml",
      "At 64 MB the writer waits for the slowest reader");
  app.positional("DIR", options.sink.folder, "Folder of the spool");
  app.group("Reading");
  app.option("--read", options.reader, "Read the spool, as the reader of this name, instead of writing to it")
      .metavar("NAME");
  app.flag("-f,--follow", options.follow, "With --read: go on when more comes; the spool may appear later")
      .may_change();
  app.group("Writing");
  app.size("--spool-limit", options.sink.limit,
           "No more input is taken while the spool holds so much that some reader still needs")
      .may_change();
  options.input.define_checks(app);
  options.output.define(app);
}

void validate(const Options& options) {
  if (options.sink.limit < 4096) throw cli::UsageError("--spool-limit must be at least 4K");
  try {
    const SpoolSink trial(options.sink);
  } catch (const std::invalid_argument& problem) {
    throw cli::UsageError(problem.what());
  }
  if (options.reader.empty()) {
    if (options.follow) throw cli::UsageError("-f needs --read NAME");
    return;
  }
  const auto is_plain = [](unsigned char c) { return std::isalnum(c) != 0 || c == '-' || c == '_'; };
  if (options.reader.size() > 100 || !std::all_of(options.reader.begin(), options.reader.end(), is_plain))
    throw cli::UsageError("--read takes a name of letters, digits, - and _");
}

cli::Exit run(const Options& options, cli::Context& context) {
  if (!options.reader.empty()) {
    SpoolSource source({.folder = options.sink.folder, .name = options.reader, .follow = options.follow});
    return run_source(source, options.output, context);
  }
  InputOptions input = options.input;
  input.state = options.output.state;
  input.strict_json = true;  // other programs may read the spool's records
  SpoolSink sink(options.sink);
  return run_sink(sink, input, context);
}

}  // namespace

int main(int argc, char** argv) {
  return weir::cli::main_of<Options>(argc, argv, "pipe-spool",
                                     "keeps a stream in a folder, for any number of pipelines", define_options,
                                     validate, run);
}
