// csv-tail: reads a CSV file as records, and follows it.
#include <algorithm>
#include <chrono>

#include "cli/time_options.hpp"
#include "follow_file.hpp"
#include "pipeline/source_main.hpp"
#include "read_files.hpp"
#include "table_options.hpp"

namespace {

using namespace weir;
using namespace weir::csv_tail;

struct Options {
  std::vector<std::string> files;
  bool follow = false;
  StartAt from = StartAt::beginning;
  bool allow_gap = false;
  TableOptions table;
};

void define_table(cli::App& app, TableOptions& table) {
  app.group("Table");
  app.list("--columns", table.rows.columns, "Names of the columns, for a file without a header row");
  app.option("--delimiter", table.delimiter, "Character between cells, or `tab`").metavar("CHAR");
  app.option("--encoding", table.encoding, "Encoding of the file, by iconv's names; a byte order mark goes before it")
      .metavar("NAME");
  app.option("--skip-lines", table.rows.skip_lines, "Pass over the first N lines, before the header row").metavar("N");
  app.option("--comment", table.rows.format.comment, "Pass over lines that begin with this").metavar("PREFIX");
  app.flag("--lazy-quotes", table.lazy_quotes, "A quote that neither opens nor closes a cell is text");
  app.flag("--ragged", table.ragged, "Take rows with fewer or more cells than the header");
  app.list("--only", table.rows.only, "Columns that become fields; cells of the others are passed over")
      .metavar("COLUMN,…");
  app.group("Cells");
  app.option("--decimal", table.decimal, "Decimal mark of numbers, a dot or a comma").metavar("CHAR");
  app.option("--thousands", table.thousands, "Mark between groups of three digits, or `space`").metavar("CHAR");
  app.list("--null", table.rows.cells.null_texts, "Cells with these texts are null").metavar("TEXT,…");
  app.flag("--trim", table.trim, "Remove blanks and tabs around cells");
  app.list("--text", table.rows.text, "Columns whose cells stay text, as numbers of meters").metavar("COLUMN,…");
  app.option("--rename", table.renames, "Column and the field that it becomes; may be given again").metavar("OLD=NEW");
}

void define_time(cli::App& app, RowSettings& rows) {
  app.group("Time");
  app.list("--time", rows.time_columns, "Columns with the time, joined by a blank; the first becomes the time in UTC")
      .metavar("COLUMN,…");
  app.option("--time-format", rows.time.format, "How it is written, in strptime's letters, or `excel` for serial days")
      .metavar("FORMAT");
  app.option("--tz", rows.time.zone, "IANA time zone of times without an offset").zone();
  cli::define_time_unit(app, rows.time.unit);
  app.choice("--fold", rows.time.fold,
             {{"infer", Fold::infer}, {"first", Fold::first}, {"last", Fold::last}, {"reject", Fold::reject}},
             "What a local time means that comes twice: by the order of rows, the first, the last, or a reject");
  app.list("--by", rows.by, "Columns that make the key of a series; the order of rows is then that of each key")
      .metavar("COLUMN,…");
  app.limit("--max-keys", rows.max_keys, "Most keys held; rows of further keys are rejected");
  cli::define_max_future_of_source(app, rows.max_future, std::nullopt, "a row");
}

void define_options(cli::App& app, Options& options, SourceOptions& source) {
  app.example("csv-tail readings.csv", "Every row as a record");
  app.example("csv-tail readings.csv | jq -r 'select(.temperature_c > 25).city' | sort | uniq -c",
              "Records for other programs: how many hot hours each city had");
  app.example(
      "csv-tail --delimiter ';' --decimal , --time Zeit --time-format '%d.%m.%Y %H:%M' --tz Europe/Berlin "
      "--rename Zeit=timestamp german.csv",
      "A table as German programs write it: decimal commas, and local times that become UTC");
  app.positional("FILE", options.files, "CSV files; `-`, or no FILE, is standard input; with -f one file");
  app.group("Following");
  app.flag("-f,--follow", options.follow,
           "Follow the file as it grows and through rotation and truncation; it may appear later");
  app.choice("--begin", options.from, {{"start", StartAt::beginning}, {"end", StartAt::end}},
             "With -f: begin with the first row, or after the last one that is there");
  app.flag("--allow-gap", options.allow_gap,
           "With --state: continue when a file is gone that an earlier run had not finished")
      .may_change();
  app.option("--quote-timeout", options.table.rows.quote_limit,
             "With -f or --state: how long a quote may stay open before its line is rejected")
      .may_change();
  define_time(app, options.table.rows);
  define_table(app, options.table);
  source.define_with_rejects(app);
}

void check(const Options& options, const SourceOptions& source) {
  if (options.follow && (options.files.size() != 1 || options.files[0] == "-"))
    throw cli::UsageError("-f follows one FILE");
  if (options.follow) return;
  if (options.from == StartAt::end) throw cli::UsageError("--begin end needs -f");
  require_files(options.files);
  const bool piped = std::find(options.files.begin(), options.files.end(), "-") != options.files.end();
  if (source.state.on() && (options.files.empty() || piped))
    throw cli::UsageError("with --state csv-tail reads files: standard input cannot be read a second time");
}

std::unique_ptr<AnySource> make(const Options& options, const SourceOptions& source, cli::Context&) {
  check(options, source);
  RowSettings rows = options.table.settings();
  rows.format.max_row = source.rejects.max_line;
  rows.strict = source.rejects.strict;
  rows.clock = [] { return std::chrono::floor<Duration>(std::chrono::system_clock::now()); };
  const Gap gap = options.allow_gap ? Gap::allowed : Gap::refused;
  if (options.follow) return std::make_unique<FollowFile>(std::move(rows), options.files[0], options.from, gap);
  std::vector<std::string> files = options.files.empty() ? std::vector<std::string>{"-"} : options.files;
  return std::make_unique<ReadFiles>(std::move(rows), std::move(files), gap);
}

}  // namespace

int main(int argc, char** argv) {
  return weir::source_main(argc, argv, "csv-tail", "reads a CSV file as records, and follows it", define_options, make);
}
