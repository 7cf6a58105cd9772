// sqlite-load: puts records into a SQLite database; only for the tests.
#include "pipeline/sink_main.hpp"
#include "sqlite_load.hpp"

namespace {

using weir::sqlite_load::SqliteLoad;

void define_options(weir::cli::App& app, SqliteLoad::Settings& settings) {
  app.example("sqlite-load --database readings.db readings.ndjson", "Records into a table");
  app.example("csv-tail readings.csv | sqlite-load --database readings.db --rejects refused.ndjson",
              "Rows of a CSV file; what the table does not take is kept");
  app.example("pipe-run --state seen.state -- 'csv-tail readings.csv | sqlite-load --database readings.db'",
              "Each row once, whenever a part of the pipeline is killed");
  app.group("Table");
  app.option("--database", settings.file, "The SQLite database").file().required();
  app.option("--table", settings.table, "The table of the records").metavar("NAME");
}

}  // namespace

int main(int argc, char** argv) {
  return weir::sink_main<SqliteLoad>(argc, argv, "sqlite-load", "puts records into a SQLite database", define_options);
}
