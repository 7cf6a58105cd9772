// influx-load: writes records to InfluxDB.
#include <fmt/format.h>

#include "cli/time_options.hpp"
#include "influx_load.hpp"
#include "net/influx/server_options.hpp"
#include "pipeline/sink_main.hpp"

namespace {

using namespace weir;
using weir::influx_load::InfluxLoad;

struct Options : SinkOptions<InfluxLoad> {
  influx::ServerOptions server;
  bool plain = false;
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
  app.fields("--tags", mapping.tags,
             "Fields that become tags; NAME=FIELD gives a name, FIELD:-TEXT a default, FIELD:- leaves out a "
             "tag whose field is missing");
  app.fields(
         "--fields", mapping.fields,
         "Fields that become fields; FIELD:TYPE pins the type, float, int, uint, string or bool; numbers are floats "
         "otherwise")
      .required();
  app.choice("--precision", mapping.precision,
             {{"ns", EpochUnit::ns}, {"us", EpochUnit::us}, {"ms", EpochUnit::ms}, {"s", EpochUnit::s}},
             "Unit in which times are sent; finer ones are cut to it");
  app.option("--seq-tag", mapping.seq_tag,
             "Tell points of one identity apart: the second and later ones get a number as this tag")
      .metavar("NAME");
  options.time.define(app);
  options.server.define(app);
  options.server.net.define_timeout(app, "How long one request may take");
  cli::define_retry_for(app, options.stage.server.retry_for, "server", "without it, retry for ever");
  app.group("Batches");
  app.option("--batch", options.stage.server.batch, "Most points in a request")
      .at_least(1)
      .at_most(100'000)
      .may_change();
  app.size_limit("--batch-bytes", options.stage.server.batch_bytes, "Most bytes in a request, before gzip");
  app.flag("--no-gzip", options.plain, "Do not compress requests of 16 KiB and more").may_change();
  options.input.define(app);
}

void check(Options& options) { options.server.validate(); }

void complete(Options& options, cli::Context& context) {
  options.stage.mapping.time_field = options.time.field;
  options.stage.mapping.times = options.time.parser();
  influx_load::Sender::Settings& server = options.stage.server;
  server.url = options.server.write_url(options.stage.mapping.precision);
  server.access = options.server.access(context, "influx-load");
  server.timeout = std::chrono::ceil<std::chrono::milliseconds>(options.server.net.timeout);
  server.gzip = !options.plain;
}

}  // namespace

int main(int argc, char** argv) {
  return weir::sink_main<InfluxLoad, Options>(argc, argv, "influx-load", "writes records to InfluxDB", define_options,
                                              check, complete);
}
