// The options of dash-serve.
#pragma once
#include <fmt/format.h>

#include <string>
#include <vector>

#include "cli/time_options.hpp"
#include "dashboard.hpp"
#include "pipeline/options.hpp"
#include "server_options.hpp"
#include "subscribers/options.hpp"

namespace weir::dash_serve {

struct Options {
  Dashboard::Settings stage;
  ServerOptions server;
  bool pass = false, exit_on_eof = false;
  std::string secret_file, on_subscribe, on_confirm, on_slider;
  std::vector<std::string> units, sliders, tables;
  std::string map_base;
  InputOptions input;
  OutputOptions output;
};

inline void define_command(cli::App& app, const char* name, std::string& target, const char* help) {
  app.option(name, target, help).metavar("COMMAND");
}

inline void define_options(cli::App& app, Options& options) {
  app.example("csv-tail readings.csv | dash-serve --by city --listen 127.0.0.1:0 --exit-on-eof",
              "A page with a card for each city; without --exit-on-eof it stays up at the end of the input");
  app.example("dash-serve --pass --listen 127.0.0.1:0 --exit-on-eof readings.ndjson | csv-append all.csv",
              "In the middle of a pipeline: every record is passed on");
  app.example(
      "dash-serve --title Weather --unit temperature_c=°C --subscribers subscribers.csv --listen 127.0.0.1:0 "
      "--exit-on-eof readings.ndjson",
      "With a unit, and the list that links to unsubscribe change");

  app.group("Page");
  app.option("--title", options.stage.page.title, "Title of the page");
  app.fields("--by", options.stage.board.by,
             "Fields that make the key, one card each; without it found from the first record");
  app.fields("--field", options.stage.page.fields,
             "Fields to show first, in this order; without it all numeric fields");
  app.option("--unit", options.units, "Unit of a field, such as power=kW").metavar("FIELD=UNIT");
  app.option("--show", options.stage.page.show, "Points that a chart shows at first").at_least(2).at_most(100'000);
  app.option("--stale", options.stage.page.stale, "Age from which a reading is marked as stale");

  app.option("--table", options.tables,
             "Table of the last records that have these fields (`FIELD?`: optional); they are not cards")
      .metavar("[TITLE=]FIELD,…");
  app.option("--rows", options.stage.board.tables.rows, "Records kept of each --table").at_least(1).at_most(10'000);
  app.option("--alerts", options.stage.board.alerts, "Alerts kept for the history").at_least(1).at_most(10'000);

  app.group("Map");
  Locations::Settings& map = options.stage.board.map;
  app.list("--map", map.coordinates, "Map of the keys: fields of latitude and longitude, in degrees")
      .metavar("LAT,LON");
  app.field("--map-value", map.value, "Number that colours a point");
  app.field("--map-level", map.level, "Text that colours a point, such as a level");
  app.field("--map-label", map.label, "Text that names a point besides its key");
  app.option("--map-base", options.map_base,
             "GeoJSON outline drawn beneath the points, such as borders or a plan of a plant")
      .file();

  options.server.define(app);

  app.group("History");
  app.option("--points", options.stage.board.points, "Readings kept for each key").at_least(1).at_most(1'000'000);
  app.limit("--max-keys", options.stage.board.max_keys,
            "Most keys held; for a further one the key that was quiet longest is forgotten");
  app.size("--history", options.stage.board.max_bytes,
           "Memory for all readings kept; beyond it a key's oldest are forgotten")
      .at_least(65'536);

  app.group("Subscriptions");
  define_subscribers(app, options.stage.subscriptions.file,
                     "CSV list of subscribers that the page's form writes and summary-mail reads");
  define_unsubscribe_secret(app, options.secret_file, "the links to unsubscribe");
  define_command(app, "--on-subscribe", options.on_subscribe,
                 "Command that mails the link which confirms a subscription, without a shell; {email} and {link} stand "
                 "for address and link, {{ for a brace. Without it there is no form");
  define_command(app, "--on-confirm", options.on_confirm,
                 "Command to run once a subscription is confirmed, as --on-subscribe; it reads the latest readings");

  app.group("Sliders");
  app.option("--slider", options.sliders,
             "Slider on the page: NAME=LEAST..MOST/STEP:VALUE LABEL, such as 'rate=1..200/5:20 Events a second'")
      .metavar("SLIDER");
  define_command(
      app, "--on-slider", options.on_slider,
      "Run when a knob was turned, without a shell: {name} and {value} stand for the knob and its new value");

  app.group("Pipe");
  app.flag("--pass", options.pass, "Also write every record to standard output, as it came");
  app.flag("--exit-on-eof", options.exit_on_eof, "End when the input ends, as under pipe-run").env("WEIR_EXIT_ON_EOF");
  cli::define_event_time(app, options.stage.board.time);
  options.input.define(app);
  options.output.define(app);
}

/// Reads the options that are written in a form of their own into the stage's settings, and checks what goes together.
inline void validate(Options& options) {
  Dashboard::Settings& stage = options.stage;
  options.server.validate();
  for (const std::string& unit : options.units)
    if (unit.find('=') == std::string::npos || unit.starts_with('='))
      throw cli::UsageError(fmt::format("--unit: expected FIELD=UNIT, not '{}'", unit));
  if (stage.subscriptions.file.empty() && !(options.on_subscribe.empty() && options.secret_file.empty()))
    throw cli::UsageError("--on-subscribe and --unsubscribe-secret need --subscribers");
  if (options.on_subscribe.empty() && !options.on_confirm.empty())
    throw cli::UsageError("--on-confirm needs --on-subscribe, which mails the link to confirm");
  const auto check = [](std::string_view option, auto read) {
    try {
      read();
    } catch (const std::invalid_argument& problem) {
      throw cli::UsageError(fmt::format("{}: {}", option, problem.what()));
    }
  };
  check("--by", [&] {
    FieldSet fields;
    const GroupKey trial(stage.board.by, fields);
  });
  check("--field", [&] {
    FieldSet fields;
    for (const std::string& field : stage.page.fields) fields.add(field);
  });
  check("--unit", [&] {
    FieldSet fields;
    for (const std::string& unit : options.units) {
      const std::string field = unit.substr(0, unit.find('='));
      fields.add(field);
      stage.page.units[field] = unit.substr(field.size() + 1);
    }
  });
  const Locations::Settings& map = stage.board.map;
  if (map.on() && map.coordinates.size() != 2)
    throw cli::UsageError("--map: expected two fields, of latitude and longitude, such as lat,lon");
  if (!map.on() && !(map.value.empty() && map.level.empty() && map.label.empty() && options.map_base.empty()))
    throw cli::UsageError("--map-value, --map-level, --map-label and --map-base need --map");
  if (!map.value.empty() && !map.level.empty())
    throw cli::UsageError("--map-value and --map-level exclude each other: a point has one colour");
  for (const NamedField& each : Locations::named(map))
    check(each.use, [&] {
      FieldSet fields;
      fields.add(each.path);
    });
  check("--table", [&] {
    FieldSet fields;
    for (const std::string& table : options.tables) stage.board.tables.tables.push_back(parse_table(table));
    const Tables trial(stage.board.tables, fields);
  });
  check("--on-subscribe", [&] { stage.subscriptions.command = split_command(options.on_subscribe); });
  check("--on-confirm", [&] { stage.subscriptions.confirmed = split_command(options.on_confirm); });
  if (!options.on_subscribe.empty()) {
    if (options.on_subscribe.find("{link}") == std::string::npos)
      throw cli::UsageError(
          "--on-subscribe: {link} is missing: the command mails it, and a subscription begins when "
          "it is followed");
    const std::string address = options.server.address();
    if (options.server.public_url.empty() && (address == "0.0.0.0" || address == "::"))
      throw cli::UsageError("--on-subscribe: --public-url is needed, where the links lead to");
  }
  check("--on-slider", [&] { stage.sliders.command = split_command(options.on_slider); });
  for (const std::string& slider : options.sliders)
    check("--slider", [&] { stage.sliders.sliders.push_back(parse_slider(slider)); });
}

}  // namespace weir::dash_serve
