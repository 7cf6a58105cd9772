// influx-query: reads records from InfluxDB.
#include <fmt/format.h>

#include "cli/trusted_file.hpp"
#include "net/http/url.hpp"
#include "net/influx/server_options.hpp"
#include "pipeline/source_main.hpp"
#include "pipeline/spooled_options.hpp"
#include "query_receiver.hpp"
#include "requests.hpp"
#include "time/timestamp.hpp"

namespace {

using namespace weir;
using namespace weir::influx_query;

struct Options {
  influx::ServerOptions server;
  Selection selection;
  std::vector<std::string> where;
  std::string since = "5m";
  std::string until;
  std::string influxql, sql, flux_file;
  influx_query::Settings query;
  SpooledSettings spooled;

  Options() { server.net.timeout = std::chrono::minutes(1); }
};

void define_options(cli::App& app, Options& options, SourceOptions& source) {
  app.example("influx-query --db water --measurement water_quality --by plant_id,parameter --last",
              "The last values of each plant and parameter in the last 5 minutes");
  app.example(
      "influx-query --db water --measurement water_quality --where parameter=ph --fields value --by plant_id --mean 1m "
      "--since 24h",
      "The history of a parameter: means of minutes");
  app.example("influx-query --db water --influxql 'SHOW MEASUREMENTS'", "A query of one's own");
  app.group("Query");
  Selection& selection = options.selection;
  app.option("--measurement", selection.measurement, "The measurement whose rows are asked for").metavar("NAME");
  app.fields("--fields", selection.fields, "Only these fields; without it, all");
  app.list("--by", selection.by, "Tags that make the groups of --last and --mean").metavar("TAG,…");
  app.option("--where", options.where, "Only rows with this value of a tag; may be given again").metavar("TAG=VALUE");
  app.option("--since", options.since, "From this time on, or so long before now").metavar("TIME|DURATION");
  app.option("--until", options.until, "Until before this time; without it, now").metavar("TIME");
  app.flag("--last", selection.last, "Only the newest row of each group");
  app.option("--mean", selection.mean, "Means of --fields in windows of this length");
  app.option("--influxql", options.influxql, "Ask this instead (versions 1 and 3); {since} and {until} are times")
      .metavar("TEXT");
  app.option("--sql", options.sql, "As --influxql, in SQL (version 3)").metavar("TEXT");
  app.option("--flux", options.flux_file, "As --influxql, in Flux (version 2), from a file").file();
  app.group("New rows");
  app.option("--every", options.query.every, "Ask for new rows so often, and write each once").may_change();
  app.option("--lateness", options.query.seen.lateness, "How much older than the newest row a new one may be")
      .may_change();
  app.option("--settle", options.query.seen.settle, "Write a row once it has stayed the same for so long; 0s: at once")
      .may_change();
  app.limit("--max-recent", options.query.seen.most, "Rows within --lateness that are remembered");
  app.option("--count", options.spooled.count, "End after this many records; with --state, of all runs")
      .at_least(1)
      .may_change();
  options.server.define(app);
  options.server.net.define_timeout(app, "Longest time in which nothing comes from the server");
  cli::define_retry_for(app, options.query.retry_for, "server", "without it, 30s, or with --every for ever");
  source.define_with_rejects(app);
  cli::define_spool_limit(app, options.spooled);
}

/// What is asked for: a selection, or a text of the user's own.
Question question_of(const Options& options) {
  Question question;
  question.server = options.server;
  question.selection = options.selection;
  question.selection.bucket = options.server.bucket;
  for (const std::string& each : options.where) {
    const auto equals = each.find('=');
    if (equals == std::string::npos) throw cli::UsageError(fmt::format("--where: '{}' is not TAG=VALUE", each));
    question.selection.where.emplace_back(each.substr(0, equals), each.substr(equals + 1));
  }
  const int texts =
      (options.influxql.empty() ? 0 : 1) + (options.sql.empty() ? 0 : 1) + (options.flux_file.empty() ? 0 : 1);
  if (texts + (options.selection.measurement.empty() ? 0 : 1) != 1)
    throw cli::UsageError("give one of --measurement, --influxql, --sql and --flux");
  question.text = options.influxql.empty() ? options.sql : options.influxql;
  question.language = !options.influxql.empty()    ? Language::influxql
                      : !options.sql.empty()       ? Language::sql
                      : !options.flux_file.empty() ? Language::flux
                                                   : language_of(*options.server.version);
  if (!options.flux_file.empty()) {
    if (options.server.version != influx::Version::v2) throw cli::UsageError("--flux is for version 2, with --bucket");
    question.text = cli::read_option_file("--flux", options.flux_file);
  }
  return question;
}

Time time_of(const char* option, const std::string& text) {
  const auto time = TimeParser().parse(text);
  if (!time) throw cli::UsageError(fmt::format("{}: '{}' is neither a time nor a duration", option, text));
  return *time;
}

std::unique_ptr<AnySource> make(const Options& given, const SourceOptions& source, cli::Context& context) {
  Options options = given;
  options.server.validate();
  influx_query::Settings settings = options.query;
  const Question question = question_of(options);
  check(question, settings.every.has_value());
  if (source.state.on() && !settings.every)
    throw cli::UsageError("--state needs --every: one answer has no position to go on from");
  if (settings.every && !options.until.empty()) throw cli::UsageError("--until and --every exclude each other");
  if (settings.every && *settings.every < std::chrono::milliseconds(10))
    throw cli::UsageError("--every: must be at least 10ms");
  if (const auto before = parse_duration(options.since))
    settings.since = *before;
  else
    settings.since_time = time_of("--since", options.since);
  if (!options.until.empty()) settings.until = time_of("--until", options.until);
  settings.request = [question](const Span& span) { return request_for(question, span); };
  settings.answers = answers_of(question);
  settings.access = options.server.access(context, "influx-query");
  settings.timeout = std::chrono::ceil<std::chrono::milliseconds>(options.server.net.timeout);
  if (!settings.every && !settings.retry_for) settings.retry_for = std::chrono::seconds(30);
  settings.max_line = source.rejects.max_line;
  settings.now = [] { return std::chrono::floor<Duration>(std::chrono::system_clock::now()); };
  return std::make_unique<SpooledSource>(std::make_unique<QueryReceiver>(std::move(settings)), options.spooled);
}

}  // namespace

int main(int argc, char** argv) {
  return weir::source_main(argc, argv, "influx-query", "reads records from InfluxDB", define_options, make);
}
