// pg-load: loads records into PostgreSQL.
#include "cli/column_options.hpp"
#include "cli/time_options.hpp"
#include "db/options.hpp"
#include "hypertable_options.hpp"
#include "pg_load.hpp"
#include "pipeline/sink_main.hpp"

namespace {

using namespace weir;
using namespace weir::pg_load;

struct Options : SinkOptions<PgLoad> {
  cli::NetOptions net;
  cli::TimeOptions time;
};

void define_options(cli::App& app, Options& options) {
  app.example("pg-load --table weather_readings --create --upsert city,timestamp readings.ndjson",
              "Load weather records; loaded again, they are updated and not doubled");
  app.example("pg-load --table '{city}_raw' --create --rejects refused.ndjson readings.ndjson",
              "A table for each city; records whose city cannot name a table go to the rejects");
  app.example("pg-load --table measured --create --type sensor='varchar(40)' sensors.ndjson",
              "A new table with columns from the records, and one type given");
  app.example("pg-load --table latest --create --upsert city --newest timestamp readings.ndjson",
              "One row for each city, the newest, in whatever order the records come");

  app.group("Table");
  app.option("--table", options.stage.table,
             "Table, NAME or SCHEMA.NAME, exactly (a part with a dot in double quotes); {field} makes a table for each "
             "value")
      .metavar("NAME")
      .required();
  app.flag("--create", options.stage.create,
           "Make the table if it does not exist, and columns as records have values for them")
      .may_change();
  cli::define_column_types(app, options.stage.types,
                           "Type of a column that is made, such as id=bigint or note='varchar(40)'")
      .may_change();
  app.flag("--add-columns", options.stage.add_columns,
           "Make a column for a field without one, also in a table that --create has not made; else its record is "
           "rejected")
      .may_change();
  app.flag("--ignore-extra", options.stage.ignore_extra, "Leave out fields without a column").may_change();
  cli::define_round(app, options.stage.round).may_change();
  app.list("--upsert", options.stage.upsert.keys,
           "Update the row with the same values in these columns; the last record of a key wins")
      .metavar("KEY,…");
  app.field("--newest", options.stage.upsert.newest,
            "With --upsert: the record with the greatest value here wins, such as a time");
  cli::define_max_columns(app, options.stage.max_columns, "Most columns of a table that gets more").at_most(1'600);
  app.limit("--max-tables", options.stage.max_tables,
            "With {field} in --table: most tables; records for further ones are rejected");

  define_hypertable(app, options.stage.hypertable);

  app.group("Batches");
  app.option("--batch", options.stage.batch, "Records in a transaction; with --state a transaction is an epoch")
      .at_least(1)
      .at_most(1'000'000)
      .may_change();
  app.size_limit("--batch-bytes", options.stage.batch_bytes,
                 "Most bytes in a transaction; a batch is loaded while the next is filled");
  app.option("--flush-every", options.stage.flush_every, "Load a batch after this time even when it is not full")
      .may_change();

  app.group("Connection");
  db::define_target(app, options.stage.server.target);
  db::define_access(app, options.net, options.stage.server.retry_for);
  options.time.define(app);
  options.input.define(app);
}

void check(Options& options) {
  options.net.validate();
  check_hypertable(options.stage.hypertable, options.stage.create, options.stage.upsert.keys, options.time.field);
}

void complete(Options& options, cli::Context& context) {
  options.stage.time_field = options.time.field;
  options.stage.times = options.time.parser();
  options.stage.report_total = context.show_progress;
  db::settle_environment(options.net, options.stage.server.target, context);
}

}  // namespace

int main(int argc, char** argv) {
  return weir::sink_main<PgLoad, Options>(argc, argv, "pg-load", "loads records into PostgreSQL", define_options, check,
                                          complete);
}
