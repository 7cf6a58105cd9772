// csv-append: appends records to a CSV file.
#include "cli/app.hpp"
#include "csv/header.hpp"
#include "csv_append.hpp"
#include "epoch_append.hpp"
#include "pipeline/run.hpp"

namespace {

using namespace weir;
using namespace weir::csv_append;

struct Options {
  std::vector<std::string> files;  ///< the CSV file, then input files
  std::vector<std::string> columns;
  std::string delimiter = ",";
  Fsync fsync = Fsync::interval;
  Duration fsync_every = std::chrono::seconds(1);
  InputOptions input;
};

void define_options(cli::App& app, Options& options) {
  app.example("csv-append all.csv < readings.ndjson", "The first record's fields become the header");
  app.example("csv-tail readings.csv | csv-append --delimiter tab all.tsv", "From commas to tabs");
  app.example(
      "csv-append --columns timestamp,city,humidity,temperature_c,pressure,wind_speed,weather --fsync each ordered.csv "
      "readings.ndjson",
      "Columns in an order of one's own, each write on the disk before the next");
  app.positional(
      "FILE", options.files,
      "The CSV file (`-` is standard output), then NDJSON files to read; standard input when there are none");
  app.group("Table");
  app.list("--columns", options.columns, "The columns of a new file; one that has a header must have these");
  app.option("--delimiter", options.delimiter, "What separates cells: one character, or `tab`").metavar("CHAR");
  app.group("Durability");
  app.choice("--fsync", options.fsync, {{"each", Fsync::each}, {"interval", Fsync::interval}, {"none", Fsync::none}},
             "Force rows to the disk after each write, every --fsync-every, or never")
      .may_change();
  app.option("--fsync-every", options.fsync_every, "How old a row is at most when it is forced to the disk")
      .may_change();
  options.input.define_without_files(app);
}

void validate(const Options& options) {
  if (options.files.empty()) throw cli::UsageError("FILE is missing: the CSV file to append to");
  if (!csv::parse_delimiter(options.delimiter))
    throw cli::UsageError(
        "--delimiter takes one ASCII character that no number and no word has and that is no quote, or `tab`");
  if (options.input.state.on() && options.files[0] == "-")
    throw cli::UsageError("with --state rows go into a file, not to standard output");
  if (options.fsync_every <= Duration::zero()) throw cli::UsageError("--fsync-every must be longer than nothing");
  if (const auto twice = csv::named_twice(options.columns))
    throw cli::UsageError("--columns names '" + *twice + "' twice");
}

cli::Exit run(const Options& options, cli::Context& context) {
  InputOptions input = options.input;
  input.files.assign(options.files.begin() + 1, options.files.end());
  const csv::Format format{.delimiter = *csv::parse_delimiter(options.delimiter), .max_row = options.input.max_line};
  const auto say = [&context](const std::string& words) { context.log.warn(words); };
  if (options.input.state.on()) {
    EpochAppend sink({.path = options.files[0], .format = format, .columns = options.columns}, say);
    return run_sink(sink, input, context);
  }
  CsvAppend sink({.path = options.files[0],
                  .format = format,
                  .columns = options.columns,
                  .fsync = options.fsync,
                  .fsync_every = options.fsync_every},
                 say);
  return run_sink(sink, input, context);
}

}  // namespace

int main(int argc, char** argv) {
  return weir::cli::main_of<Options>(argc, argv, "csv-append", "appends records to a CSV file", define_options,
                                     validate, run);
}
