// rec-enrich: adds fields from tables to records.
#include "cli/time_options.hpp"
#include "db/options.hpp"
#include "mmdb_source.hpp"
#include "pipeline/filter_main.hpp"
#include "rec_enrich.hpp"
#include "table_source.hpp"

namespace {

using namespace weir;
using namespace weir::rec_enrich;

struct Options : Settings {
  cli::NetOptions net;
};

void define_options(cli::App& app, Options& settings) {
  app.example("rec-enrich --table customers.csv --on meter --take customer_id,address,account_status meters.ndjson",
              "Each reading with the customer of its meter");
  app.example(
      "rec-enrich --table customers.csv --on meter --take tariff --as-of - --table prices.csv --on tariff --take "
      "cent_per_kwh --as-of valid_from --miss null meters.ndjson",
      "The price at the time of the reading, by the tariff that the first table gives");
  app.example("rec-enrich --set 'pipeline_version = \"1.4\"' readings.ndjson", "A constant in every record");

  TableOptions& tables = settings.options;
  app.group("Tables");
  app.option("--table", tables.tables,
             "A table: .csv, .tsv, .ndjson, .jsonl, .toml, .mmdb (MaxMind), or pg:NAME in PostgreSQL; again: one more")
      .file();
  struct TableOption {
    const char* name;
    std::vector<std::string>& target;
    const char* value;
    const char* help;
  };
  const TableOption by_table[] = {
      {"--on", tables.keys, "FIELD,…",
       "Fields whose values find a row, by columns of the same name, or FIELD=COLUMN. This and what follows is "
       "given once for all tables, or once for each in their order, '-' for none"},
      {"--take", tables.take, "COLUMN,…", "Columns to add, each perhaps with 'as NAME'; default: all that find no row"},
      {"--between", tables.between, "[FIELD=]FROM..TO",
       "Two columns with the begin and the end of an interval, in which the record's time has to be, or the "
       "number in FIELD"},
      {"--as-of", tables.as_of, "COLUMN",
       "Column with a time: the latest row that is not after the record's time is found"},
      {"--max-age", tables.max_age, "DURATION", "With --as-of: a row older than this is not found"},
      {"--miss", tables.miss, "keep|null|reject",
       "What becomes of a record without a row: keep (as it is; the default), null (in the members), reject"},
      {"--duplicates", tables.duplicates, "error|first|last",
       "What becomes of rows with the same key: error (the default), or the first or the last of them counts"},
  };
  for (const auto& [name, target, value, help] : by_table) app.option(name, target, help).metavar(value);
  app.list("--text", tables.text, "Columns of CSV whose cells stay text, as numbers of meters").metavar("COLUMN,…");
  app.option("--delimiter", tables.delimiter, "Between the cells of .csv; `tab` is one").metavar("CHAR");
  app.option("--reload", settings.reload,
             "Without --state: look so often whether a file has changed, and read it again; with --state that is done "
             "at each barrier")
      .default_text("never")
      .may_change();

  app.group("PostgreSQL");
  db::define_target(app, settings.server.target);
  app.limit("--cache", settings.server.cache, "Most answers of the server that are kept, those used last");
  app.option("--cache-for", settings.server.cache_for,
             "Ask again for an answer that is older than a record by this, in event time")
      .default_text("never");
  db::define_access(app, settings.net, settings.server.retry_for);

  app.group("Constants");
  app.option("--set", settings.sets, "Set a member to the value of an expression (weir-expr(7)), after the tables")
      .metavar("NAME=EXPR");

  cli::define_time(app, settings.time);
}

/// Reads the tables.
void prepare(Options& options) {
  options.net.validate();
  if (const auto problem = db::dsn_problem(options.server.target.dsn); problem)
    throw cli::UsageError("--dsn: " + *problem);
  try {
    for (const LookupSettings& each : read_lookups(options.options, options.time)) {
      if (each.kind == SourceKind::postgres)
        options.sources.push_back(
            std::make_shared<PostgresSource>(each.table.rows.name, each.table.keys, each.table.take, options.server));
      else if (each.kind == SourceKind::mmdb)
        options.sources.push_back(std::make_shared<MmdbSource>(each.table.rows.name, each.table.take));
      else
        options.sources.push_back(std::make_shared<TableSource>(each.table, each.max_age));
    }
  } catch (const std::invalid_argument& error) {
    throw cli::UsageError(error.what());
  } catch (const tables::TableError& error) {
    throw cli::UsageError(error.what());
  }
}

void complete(Options& options, cli::Context& context) {
  db::settle_environment(options.net, options.server.target, context);
}

}  // namespace

int main(int argc, char** argv) {
  return weir::filter_main<RecEnrich>(argc, argv, "rec-enrich", "adds fields from tables to records", define_options,
                                      prepare, complete);
}
