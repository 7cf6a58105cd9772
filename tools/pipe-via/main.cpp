// pipe-via: runs another program inside a pipeline of weir's.
#include <charconv>

#include "cli/app.hpp"
#include "process/spawn.hpp"
#include "via.hpp"

namespace {

using namespace weir;
using namespace weir::pipe_via;

struct Options {
  ViaSettings via;
  std::vector<std::string> accept;
  InputOptions input;
};

void define_options(cli::App& app, Options& options) {
  app.example(
      "export WEIR_STATE=warm.state; csv-tail readings.csv | pipe-via -- jq -c 'select(.temperature_c > 10)' | "
      "csv-append warm.csv",
      "jq in a pipeline that may be killed at any moment and started again");
  app.example("csv-tail readings.csv --heartbeat 1s | pipe-via --accept 1 -- grep Oslo",
              "Status 1 of grep means that nothing was found, which is not a failure");
  app.example(
      "csv-tail readings.csv | pipe-via --keep -- jq -c --unbuffered 'if has(\"@via\") then . else {city, timestamp} "
      "end'",
      "One jq for the whole run, which passes markers on");
  app.positional("COMMAND", options.via.command, "The program and its arguments, after `--`; no shell runs")
      .may_change();
  app.group("Command");
  app.flag("--keep", options.via.lifetime, Lifetime::run,
           "Run one command for the whole run; it passes on the markers {\"@via\":…} between its records")
      .may_change();
  app.option("--patience", options.via.marker_timeout,
             "With --keep: longest wait for a marker while the command neither reads nor writes")
      .may_change();
  app.list("--accept", options.accept, "Exit statuses of the command that are not a failure, besides 0")
      .metavar("STATUS,…")
      .may_change();
  options.input.RejectOptions::define(app);
  options.input.strict_json = true;  // the command is a strict parser
  options.input.state.define(app);
}

int exit_status_in(const std::string& text) {
  int status = -1;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), status);
  if (read.ec != std::errc{} || read.ptr != text.data() + text.size() || status < 0 || status > 255)
    throw cli::UsageError("--accept: '" + text + "' is not an exit status, a number from 0 to 255");
  return status;
}

void validate(const Options& options) {
  if (options.via.command.empty()) throw cli::UsageError("COMMAND is missing: pipe-via -- jq -c .");
  if (options.via.marker_timeout <= Duration::zero()) throw cli::UsageError("--patience must be longer than 0");
  for (const std::string& text : options.accept) exit_status_in(text);
}

cli::Exit run(const Options& options, cli::Context& context) {
  ViaSettings settings = options.via;
  for (const std::string& text : options.accept) settings.accepted.push_back(exit_status_in(text));
  try {
    return Via(std::move(settings), options.input, context).run();
  } catch (const process::NoProgram& problem) {
    throw cli::UsageError(problem.what());
  }
}

}  // namespace

int main(int argc, char** argv) {
  return weir::cli::main_of<Options>(argc, argv, "pipe-via", "runs another program inside a pipeline with checkpoints",
                                     define_options, validate, run);
}
