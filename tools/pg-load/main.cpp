// pg-load: loads records into PostgreSQL.
#include <fmt/format.h>

#include <cstdlib>

#include "cli/app.hpp"
#include "cli/time_options.hpp"
#include "pg_load.hpp"
#include "pipeline/run.hpp"

namespace {

using namespace weir;
using namespace weir::pg_load;

struct Options {
  std::string table;
  bool create = false;
  std::vector<std::string> types;
  bool add_columns = false;
  bool ignore_extra = false;
  std::vector<std::string> upsert;
  std::uint64_t max_tables = 1'000;
  std::uint64_t batch = 10'000;
  std::uint64_t batch_bytes = 16 << 20;
  Duration flush_every = std::chrono::seconds(1);
  std::string dsn;
  std::string service;
  std::optional<Duration> retry_for;
  cli::TimeOptions time;
  InputOptions input;
};

void define_options(cli::App& app, Options& options) {
  app.example("pg-load --table weather_readings --create --upsert city,timestamp readings.ndjson",
              "Load weather records; done again, they are updated, not doubled");
  app.example("pg-load --table '{city}_raw' --create --rejects refused.ndjson readings.ndjson",
              "One table a city; a city whose name cannot be a table's goes to the rejects");
  app.example("echo '{\"sensor\":\"a\",\"value\":1.5}' | pg-load --table measured --create --type sensor='varchar(40)'",
              "A new table, its columns by the records");

  app.group("Table");
  app.option("--table", options.table,
             "The table, NAME or SCHEMA.NAME, exactly (a part that holds a dot in double quotes); {field} in it makes "
             "one table a value")
      .metavar("NAME")
      .required();
  app.flag("--create", options.create, "Make the table if it is not there, its columns by the first batch of records")
      .may_change();
  app.option("--type", options.types,
             "The type of a column that is made, such as id=bigint or note='varchar(40)'; may be given again")
      .metavar("FIELD=TYPE")
      .may_change();
  app.flag("--add-columns", options.add_columns,
           "Make a column for a field that has none; without this the record is rejected")
      .may_change();
  app.flag("--ignore-extra", options.ignore_extra, "Leave out fields that have no column").may_change();
  app.list("--upsert", options.upsert,
           "Update the row that has the same values in these columns; of a batch the last record of a key wins")
      .metavar("KEY,…");
  app.option("--max-tables", options.max_tables,
             "With {field} in --table: the most tables; a record for one more is rejected")
      .at_least(1)
      .may_change();

  app.group("Batches");
  app.option("--batch", options.batch, "Records a transaction; with --state one is an epoch")
      .at_least(1)
      .at_most(1'000'000)
      .may_change();
  app.size("--batch-bytes", options.batch_bytes,
           "Bytes a transaction, at most; a batch is loaded while the next is filled")
      .at_least(1)
      .may_change();
  app.option("--flush-every", options.flush_every, "Load what has waited this long, also when the batch is not full")
      .may_change();

  app.group("Connection");
  app.option("--dsn", options.dsn,
             "Connection string, host=… dbname=… or postgresql://…, without a password; default: PGHOST, PGPORT, "
             "PGUSER, PGDATABASE …")
      .metavar("DSN")
      .may_change();
  app.option("--service", options.service, "Section of the connection service file (PGSERVICEFILE, ~/.pg_service.conf)")
      .metavar("NAME")
      .may_change();
  app.option("--retry-for", options.retry_for,
             "Give up with exit 1 when the server cannot be reached for this long; default: 30s at the first "
             "start, afterwards never")
      .may_change();
  options.time.define(app);
  options.input.define(app);
}

TableGuess::Types types_of(const std::vector<std::string>& given) {
  TableGuess::Types types;
  for (const std::string& each : given) {
    const auto equals = each.rfind('=');
    if (equals == std::string::npos || equals == 0)
      throw cli::UsageError(fmt::format("--type: '{}' is not FIELD=TYPE", each));
    const std::string type = each.substr(equals + 1);
    if (!is_type_expression(type))
      throw cli::UsageError(fmt::format("--type: '{}' is no type, such as bigint or varchar(40)", type));
    types.insert_or_assign(each.substr(0, equals), type);
  }
  return types;
}

TableTemplate table_of(const std::string& text) {
  try {
    return TableTemplate::parse(text);
  } catch (const std::invalid_argument& problem) {
    throw cli::UsageError(fmt::format("--table: {}", problem.what()));
  }
}

void validate(const Options& options) {
  table_of(options.table);
  types_of(options.types);
  if (options.add_columns && options.ignore_extra)
    throw cli::UsageError("--add-columns and --ignore-extra exclude each other");
  if (!options.dsn.empty() && !options.service.empty()) throw cli::UsageError("--dsn and --service exclude each other");
  if (options.dsn.empty()) return;
  if (const auto problem = db::dsn_problem(options.dsn)) throw cli::UsageError("--dsn: " + *problem);
}

/// libpq reads the process's environment alone; what only `.env` has is put there. Secrets are kept out of every
/// message.
void give_environment(const cli::Context& context) {
  for (const std::string& name : db::environment_variables()) {
    const bool secret = name == "PGPASSWORD";
    const auto value = secret ? context.environment.secret(name) : context.environment.get(name);
    if (!value) continue;
    if (secret) context.log.conceal(*value);
    ::setenv(name.c_str(), value->c_str(), 0);
  }
}

cli::Exit run(const Options& options, cli::Context& context) {
  PgLoad::Settings settings;
  settings.table = table_of(options.table);
  settings.create = options.create;
  if (options.add_columns) settings.extra = ExtraFields::add_columns;
  if (options.ignore_extra) settings.extra = ExtraFields::ignore;
  settings.types = types_of(options.types);
  settings.time_field = options.time.field;
  settings.batch = options.batch;
  settings.batch_bytes = options.batch_bytes;
  settings.max_tables = options.max_tables;
  settings.flush_every = options.flush_every;
  settings.say_total = context.show_progress;
  settings.loader.keys = options.upsert;
  settings.loader.retry_for = options.retry_for;
  settings.loader.target = {options.dsn, options.service};

  give_environment(context);
  db::settle_protection(settings.loader.target);
  PgLoad sink(std::move(settings), options.time.parser(),
              {[&context](const std::string& words) { context.log.info(words); },
               [&context](const std::string& words) { context.log.warn(words); }});
  return run_sink(sink, options.input, context);
}

}  // namespace

int main(int argc, char** argv) {
  return weir::cli::main_of<Options>(argc, argv, "pg-load", "loads records into PostgreSQL", define_options, validate,
                                     run);
}
