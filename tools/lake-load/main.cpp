// lake-load: writes records into a lake of Parquet files.
#include "cli/column_options.hpp"
#include "cli/net_options.hpp"
#include "cli/time_options.hpp"
#include "lake_load.hpp"
#include "net/s3/options.hpp"
#include "pipeline/sink_main.hpp"
#include "state/atomic_file.hpp"

namespace {

using namespace weir;
using weir::lake_load::Format;
using weir::lake_load::LakeLoad;

struct Options : SinkOptions<LakeLoad> {
  std::vector<std::string> files;  ///< the table's folder, then input files
  std::string schema;              ///< a file
  s3::Options s3;
  s3::Place place;
  cli::NetOptions net;
  bool is_in_bucket() const { return stage.files.table.starts_with(lake_load::bucket_scheme); }
};

void define_options(cli::App& app, Options& options) {
  app.example("lake-load lake --partition 'city={city}/dt={timestamp:%Y-%m-%d}' readings.ndjson",
              "Parquet files in a folder for each city and day");
  app.example("lake-load table --delta --partition 'dt={timestamp:%F}' readings.ndjson",
              "A Delta table; run again, it gets the records once more");
  app.example("lake-load raw --format ndjson --partition 'dt={timestamp:%F}/hour={timestamp:%H}' readings.ndjson",
              "The records as they came, in a folder for each hour");
  app.positional("DIR", options.files,
                 "Folder of the table or s3://BUCKET/PREFIX, then NDJSON files to read instead of standard input");

  lake_load::FileSettings& files = options.stage.files;
  app.group("Table");
  app.option(
         "--partition", options.stage.partition,
         "Folders within DIR, NAME=VALUE with / between; a value is a text, {field}, {field:-default}, or a time in "
         "%Y %m %d %F %j %H %M %S, in UTC")
      .metavar("NAME={FIELD}/…");
  app.flag("--delta", files.delta, "Keep the log of a Delta table in DIR; files count once they are in it");
  app.option("--delta-checkpoint-every", files.checkpoint_every,
             "With --delta: write a checkpoint of the log after so many versions")
      .metavar("VERSIONS")
      .at_least(1)
      .may_change();
  app.choice("--format", files.format, {{"parquet", Format::parquet}, {"ndjson", Format::ndjson}},
             "Parquet files, or files of lines as they came");
  app.option("--name", files.name,
             "Name of this writer in the names of files; writers of one table need names of their own; default: the "
             "pipeline's name, without --state `load`")
      .metavar("NAME");

  app.group("Columns");
  app.option("--schema", options.schema, "Columns, a line `FIELD TYPE` or `FIELD as NAME TYPE` each; none are added")
      .file();
  cli::define_column_types(
      app, options.stage.columns.types,
      "Type of a column that records make: boolean, bigint, double, string, json, timestamp, date, "
      "decimal(DIGITS,DECIMALS)");
  app.flag("--ignore-extra", options.stage.columns.ignore_extra,
           "With --schema: leave out fields without a column, instead of rejecting their records");
  cli::define_round(app, options.stage.round);
  cli::define_max_columns(app, options.stage.columns.max_columns).at_most(10'000);

  app.group("Files");
  app.option("--roll-rows", files.roll_rows, "End a file after so many rows").at_least(1);
  app.size("--roll-bytes", files.roll_bytes, "End a file after so many bytes of records").at_least(1);
  app.option("--max-open", files.max_open,
             "Most files under way, 64 KiB of memory each; one more ends that which was not used for longest")
      .at_least(1)
      .at_most(10'000);
  app.option("--row-group", files.layout.group_rows, "Most rows in a row group of a Parquet file").at_least(1);
  app.option("--compression-level", files.layout.compression_level, "Level of zstd in Parquet files")
      .at_least(1)
      .at_most(22);
  app.group("S3");
  options.s3.define(app);
  options.net.define_ca_file(app, "server");
  options.net.define_insecure(app, "plain text to another machine");
  options.net.define_timeout(
      app, "How long one request may take, and a second more for 256 KiB it sends; twice as long after each timeout");
  cli::define_retry_for(app, options.stage.bucket.retry_for, "server", "without it, retry for ever");
  cli::define_event_time(app, options.stage.time);
  options.input.define_without_files(app);
}

/// The first FILE is the table, the others are input.
void check(Options& options) {
  if (options.files.empty()) throw cli::UsageError("DIR is missing: the folder of the table, or s3://BUCKET/PREFIX");
  options.stage.files.table = options.files[0];
  options.input.files.assign(options.files.begin() + 1, options.files.end());
  if (options.stage.columns.ignore_extra && options.schema.empty())
    throw cli::UsageError("--ignore-extra needs --schema");
  if (options.is_in_bucket()) {
    options.s3.validate(options.net.insecure);
    options.place = s3::Place::parse(options.stage.files.table);
  }
  if (options.schema.empty()) return;
  const auto text = state::read_file(options.schema);
  if (!text) throw cli::UsageError("--schema: there is no file " + options.schema);
  options.stage.columns.schema = *text;
}

void complete(Options& options, cli::Context& context) {
  options.stage.report_total = context.show_progress;
  if (!options.is_in_bucket()) return;
  const auto retry_for = options.stage.bucket.retry_for;
  options.stage.prefix = options.place.prefix;
  options.stage.bucket = options.s3.settings(options.place.bucket, context);
  options.stage.bucket.ca_file = options.net.ca_file;
  options.stage.bucket.timeout = std::chrono::ceil<std::chrono::milliseconds>(options.net.timeout);
  options.stage.bucket.retry_for = retry_for;
}

}  // namespace

int main(int argc, char** argv) {
  return weir::sink_main<LakeLoad, Options>(argc, argv, "lake-load", "writes records into a lake of Parquet files",
                                            define_options, check, complete);
}
