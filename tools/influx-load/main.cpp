// influx-load: writes records to InfluxDB.
#include <fmt/format.h>

#include "cli/net_options.hpp"
#include "cli/time_options.hpp"
#include "influx_load.hpp"
#include "net/http/url.hpp"
#include "pipeline/sink_main.hpp"

namespace {

using namespace weir;
using influx::Precision;
using weir::influx_load::InfluxLoad;

enum class Api : std::uint8_t { by_options, v1, v2, v3 };

struct Options : SinkOptions<InfluxLoad> {
  std::string url = "http://localhost:8086";
  std::string org;
  std::string bucket;
  std::string database;
  std::string token_file;
  Api api = Api::by_options;
  bool plain = false;
  cli::NetOptions net;
  cli::TimeOptions time;
};

void define_options(cli::App& app, Options& options) {
  app.example(
      "influx-load --db weather --measurement readings --tags city --fields temperature_c,humidity readings.ndjson",
      "A point for each record; numbers become floats");
  app.example(
      "influx-load --db weather --measurement 'weather_{city}' --fields temperature_c:float,weather:string "
      "readings.ndjson",
      "A measurement for each city, the types of fields pinned");
  app.example(
      "influx-load --db weather --measurement sky --tags place=city,source:-station --fields sky=weather --precision s "
      "readings.ndjson",
      "Other names, a tag with a default, times in seconds");
  influx_load::Mapping& mapping = options.stage.mapping;
  app.group("Points");
  app.option("--measurement", mapping.measurement,
             "Name of the measurement, in which {field} stands for a field's value")
      .metavar("NAME")
      .required();
  app.list("--tags", mapping.tags, "Fields that become tags; NAME=FIELD gives a name, FIELD:-TEXT a default")
      .metavar("FIELD,…");
  app.list("--fields", mapping.fields,
           "Fields that become fields; FIELD:TYPE pins the type, float, int, uint, string or bool; numbers are floats "
           "otherwise")
      .metavar("FIELD,…")
      .required();
  app.choice("--precision", mapping.precision,
             {{"ns", Precision::ns}, {"us", Precision::us}, {"ms", Precision::ms}, {"s", Precision::s}},
             "Unit in which times are sent; finer ones are cut to it");
  app.option("--seq-tag", mapping.seq_tag,
             "Tell points of one identity in a batch apart: the second and later ones get a number as this tag")
      .metavar("NAME");
  options.time.define(app);
  app.group("Server");
  app.option("--url", options.url, "Base URL of the server").env("INFLUX_URL").metavar("URL").may_change();
  app.option("--org", options.org, "Organization, of version 2").env("INFLUX_ORG").metavar("NAME").may_change();
  app.option("--bucket", options.bucket, "Bucket, of version 2").env("INFLUX_BUCKET").metavar("NAME").may_change();
  app.option("--db", options.database, "Database, of versions 1 and 3").env("INFLUX_DB").metavar("NAME").may_change();
  app.choice("--api", options.api, {{"auto", Api::by_options}, {"v1", Api::v1}, {"v2", Api::v2}, {"v3", Api::v3}},
             "Which write call; auto: v2 with --bucket, else v1")
      .may_change();
  app.option("--token-file", options.token_file,
             "File whose first line is the token; without it, the variable INFLUX_TOKEN")
      .file()
      .may_change();
  options.net.define_login(app, "INFLUX_");
  options.net.define_ca_file(app, "server");
  options.net.define_insecure(app, "plain text to another machine");
  app.option("--timeout", options.net.timeout, "How long one request may take").may_change();
  cli::define_retry_for(app, options.stage.server.retry_for, "server", "without it, retry for ever");
  app.group("Batches");
  app.option("--batch", options.stage.server.batch, "Most points in a request")
      .at_least(1)
      .at_most(100'000)
      .may_change();
  app.size("--batch-bytes", options.stage.server.batch_bytes, "Most bytes in a request, before gzip")
      .at_least(1)
      .may_change();
  app.flag("--no-gzip", options.plain, "Send requests without compression").may_change();
  options.input.define(app);
}

void check(Options& options) {
  options.net.validate();
  if (!http::is_base_url(options.url)) throw cli::UsageError(fmt::format("--url: '{}' is not a base URL", options.url));
  if (http::is_plain_off_host(options.url) && !options.net.insecure)
    throw cli::UsageError(
        "--url is another machine, and plain text is not safe on the way there: give https://, or "
        "--insecure to allow it");
  if (options.bucket.empty() && options.database.empty()) throw cli::UsageError("give --bucket (with --org), or --db");
  if (!options.bucket.empty() && !options.database.empty())
    throw cli::UsageError("--bucket and --db exclude each other");
  if (options.api == Api::by_options) options.api = options.bucket.empty() ? Api::v1 : Api::v2;
  if ((options.api == Api::v2) != options.database.empty())
    throw cli::UsageError("--api v2 goes with --bucket, v1 and v3 with --db");
}

/// The URL of the write call.
std::string write_url(const Options& options) {
  std::string url = options.url;
  while (url.ends_with('/')) url.pop_back();
  const auto at = static_cast<std::size_t>(options.stage.mapping.precision);
  static constexpr const char* short_units[] = {"n", "u", "ms", "s"};
  static constexpr const char* usual_units[] = {"ns", "us", "ms", "s"};
  static constexpr const char* long_units[] = {"nanosecond", "microsecond", "millisecond", "second"};
  if (options.api == Api::v2) {
    url += "/api/v2/write";
    http::add_query(url, "org", options.org);
    http::add_query(url, "bucket", options.bucket);
    http::add_query(url, "precision", usual_units[at]);
  } else {
    url += options.api == Api::v1 ? "/write" : "/api/v3/write_lp";
    http::add_query(url, "db", options.database);
    http::add_query(url, "precision", options.api == Api::v1 ? short_units[at] : long_units[at]);
  }
  return url;
}

void complete(Options& options, cli::Context& context) {
  options.stage.mapping.time_field = options.time.field;
  options.stage.mapping.times = options.time.parser();
  influx_load::Sender::Settings& server = options.stage.server;
  server.url = write_url(options);
  server.timeout = std::chrono::ceil<std::chrono::milliseconds>(options.net.timeout);
  server.gzip = !options.plain;
  server.client.ca_file = options.net.ca_file;
  server.client.user_agent = "weir-influx-load";
  if (const auto token = context.secret("INFLUX_TOKEN", options.token_file))
    server.headers.push_back(fmt::format("Authorization: {} {}", options.api == Api::v3 ? "Bearer" : "Token", *token));
  if (const auto password = options.net.password(context, "INFLUX_"))
    server.login = http::Login{options.net.user, *password};
}

}  // namespace

int main(int argc, char** argv) {
  return weir::sink_main<InfluxLoad, Options>(argc, argv, "influx-load", "writes records to InfluxDB", define_options,
                                              check, complete);
}
