// csv-append: appends records to a CSV file.
#include "cli/column_options.hpp"
#include "csv_append.hpp"
#include "pipeline/sink_main.hpp"

namespace {

using namespace weir;
using namespace weir::csv_append;

struct Options : SinkOptions<CsvAppend> {
  std::vector<std::string> files;  ///< the CSV file, then input files
};

void define_options(cli::App& app, Options& options) {
  app.example("csv-append all.csv <readings.ndjson", "The fields of the records become the columns");
  app.example(
      "csv-append --columns timestamp,city,temperature_c,humidity,pressure,wind_speed,weather ordered.csv "
      "readings.ndjson",
      "Columns in a given order");
  app.example("csv-tail readings.csv | csv-append --delimiter tab --fsync each all.tsv",
              "Tabs instead of commas, each write synced to the disk");
  app.positional("FILE", options.files,
                 "CSV file (`-` is standard output), then NDJSON files to read instead of standard input");
  app.group("Table");
  app.list("--columns", options.stage.columns, "Columns of a new file, no others; an existing file must have the same");
  app.flag("--ignore-extra", options.stage.extra, ExtraFields::ignored,
           "Leave out fields that are not columns, instead of rejecting their records");
  cli::define_max_columns(app, options.stage.max_columns);
  app.option("--delimiter", options.stage.delimiter, "Character between cells, or `tab`").metavar("CHAR");
  app.group("Durability");
  app.choice("--fsync", options.stage.fsync,
             {{"each", Fsync::each}, {"interval", Fsync::interval}, {"none", Fsync::none}},
             "Sync rows to the disk after each write, every --fsync-every, or never")
      .may_change();
  app.option("--fsync-every", options.stage.fsync_every, "Greatest age of a row before it is synced to the disk")
      .may_change();
  options.input.define_without_files(app);
}

/// The first FILE is the table, the others are input.
void check(Options& options) {
  if (options.files.empty()) throw cli::UsageError("FILE is missing: the CSV file to append to");
  options.stage.path = options.files[0];
  options.stage.max_row = options.input.max_line;
  options.input.files.assign(options.files.begin() + 1, options.files.end());
  if (options.input.state.on() && options.stage.path == "-")
    throw cli::UsageError("with --state rows go into a file, not to standard output");
}

}  // namespace

int main(int argc, char** argv) {
  return weir::sink_main<CsvAppend, Options>(argc, argv, "csv-append", "appends records to a CSV file", define_options,
                                             check);
}
