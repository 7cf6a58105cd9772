// csv-tail: reads a CSV file as records, and follows it.
#include <algorithm>

#include "cli/app.hpp"
#include "csv/header.hpp"
#include "follow_file.hpp"
#include "pipeline/run.hpp"
#include "read_added.hpp"
#include "read_files.hpp"

namespace {

using namespace weir;
using namespace weir::csv_tail;

enum class From : std::uint8_t { start, end };

struct Options {
  std::vector<std::string> files;
  bool follow = false;
  From from = From::start;
  bool allow_gap = false;
  std::vector<std::string> columns;
  std::string delimiter = ",";
  RejectOptions rejects;
  SourceOptions output;
};

void define_options(cli::App& app, Options& options) {
  app.example("csv-tail readings.csv", "Every row as a record");
  app.example("csv-tail readings.csv | jq -r 'select(.temperature_c > 10).city' | sort | uniq -c",
              "Rows are plain NDJSON for other programs");
  app.example("tail -n +2 readings.csv | csv-tail --columns time,city,temp,hum,pres,wind,sky",
              "A table without a header row");
  app.positional("FILE", options.files, "CSV files; `-` is standard input, also when none is given; with -f one file");
  app.group("Following");
  app.flag("-f,--follow", options.follow,
           "Go on when the file grows, and when it is rotated away or truncated; it may appear later");
  app.choice("--from", options.from, {{"start", From::start}, {"end", From::end}},
             "With -f: begin with the first row, or behind the last one that is there");
  app.flag("--allow-gap", options.allow_gap,
           "With --state: go on when a file that an earlier run had not read to its end is gone")
      .may_change();
  app.group("Table");
  app.list("--columns", options.columns, "The columns' names; the file has no header row then");
  app.option("--delimiter", options.delimiter, "What separates cells: one character, or `tab`").metavar("CHAR");
  options.rejects.define(app);
  options.output.define(app);
}

void validate(const Options& options) {
  if (!csv::parse_delimiter(options.delimiter))
    throw cli::UsageError(
        "--delimiter takes one ASCII character that no number and no word has and that is no quote, or `tab`");
  if (const auto twice = csv::named_twice(options.columns))
    throw cli::UsageError("--columns names '" + *twice + "' twice");
  if (!options.follow) {
    const bool piped =
        options.files.empty() || std::find(options.files.begin(), options.files.end(), "-") != options.files.end();
    if (options.output.state.on() && piped)
      throw cli::UsageError("with --state csv-tail reads files: standard input cannot be read a second time");
    if (options.from == From::end) throw cli::UsageError("--from end needs -f");
    return;
  }
  if (options.files.size() != 1 || options.files[0] == "-") throw cli::UsageError("-f follows one FILE");
}

cli::Exit run(const Options& options, cli::Context& context) {
  const RowSettings rows{
      .format = {.delimiter = *csv::parse_delimiter(options.delimiter), .max_row = options.rejects.max_line},
      .columns = options.columns};
  const auto say = [&context](const std::string& words) { context.log.warn(words); };
  const Gap gap = options.allow_gap ? Gap::allowed : Gap::refused;
  if (!options.follow) {
    if (options.output.state.on()) {
      ReadAdded source(rows, options.files, say, gap);
      return run_source(source, options.output, options.rejects, context);
    }
    ReadFiles source(rows, options.files.empty() ? std::vector<std::string>{"-"} : options.files);
    return run_source(source, options.output, options.rejects, context);
  }
  FollowFile source(rows, options.files[0], options.from == From::end ? StartAt::end : StartAt::beginning, say, gap);
  return run_source(source, options.output, options.rejects, context);
}

}  // namespace

int main(int argc, char** argv) {
  return weir::cli::main_of<Options>(argc, argv, "csv-tail", "reads a CSV file as records, and follows it",
                                     define_options, validate, run);
}
