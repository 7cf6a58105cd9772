// The options of alert-notify; for main.cpp alone, as the stage knows no options.
#pragma once
#include <fmt/format.h>
#include <unistd.h>

#include <map>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "alert_notify.hpp"
#include "cli/time_options.hpp"
#include "cli/trusted_file.hpp"
#include "pipeline/sink_main.hpp"
#include "state/file_mark.hpp"

namespace weir::alert_notify {

/// An option that gives a channel.
struct ChannelOption {
  Service service;
  const char* name;
  const char* value;
  const char* help;
};

/// In the order of the routes that are made of them.
inline constexpr ChannelOption channel_options[] = {
    {Service::mail, "--mail", "SPEC", "Mail to an address: [to=]ADDRESS[,from=…,host=…,level=…]"},
    {Service::sms, "--sms", "SPEC",
     "SMS by Twilio: [to=]NUMBER[,from=…,account=…]; critical alerts only, unless level= is given"},
    {Service::webhook, "--webhook", "SPEC", "POST to a URL: [url=]URL[,format=alert|weir|cloudevents|alertmanager]"},
    {Service::slack, "--slack", "SPEC",
     "Slack, by the webhook whose URL is in a file: [url_file=]FILE, or SLACK_WEBHOOK_URL"},
    {Service::pagerduty, "--pagerduty", "SPEC",
     "PagerDuty, with the routing key in a file: [key_file=]FILE, or PAGERDUTY_ROUTING_KEY; critical alerts only, "
     "unless level= is given"},
    {Service::alertmanager, "--alertmanager", "SPEC", "An Alertmanager: [url=]URL"},
    {Service::mqtt, "--mqtt", "SPEC", "An MQTT topic, in which {field} stands for a value: [topic=]TOPIC[,host=…]"},
    {Service::program, "--program", "COMMAND", "A command, run without a shell, that reads one notification as JSON"},
};

struct Options : SinkOptions<AlertNotify> {
  std::map<Service, std::vector<std::string>> channels;  ///< of the command line
  std::string routes, silences, now;
  Route defaults;  ///< of the channels of the command line
  bool no_resolved = false, dry_run = false;
};

inline void define_options(cli::App& app, Options& options) {
  app.example(
      "thresh-alert --by city --rule 'temperature_c > 35' readings.ndjson | alert-notify --mail ops@example.org",
      "A mail for each alert; the server comes from SMTP_HOST");
  app.example(
      "thresh-alert --by city --rules alerts.toml readings.ndjson | alert-notify --mail ops@example.org --sms "
      "+15550100 "
      "--remind 12h --dry-run",
      "See what would be sent: mails of all alerts, an SMS of critical ones");
  app.example(
      "thresh-alert --by city --rules alerts.toml readings.ndjson | alert-notify --routes routes.toml --dry-run",
      "Channels and routes from a file");
  app.group("Channels");
  for (const auto& [service, name, value, help] : channel_options)
    app.option(name, options.channels[service], help).metavar(value).may_change();
  app.option("--routes", options.routes, "Read channels, routes and texts from this TOML file").file().may_change();
  app.option("--silences", options.silences, "Read silences from this TOML file").file().may_change();
  app.group("Routes of the channels above");
  app.fields("--group-by", options.defaults.group, "Alerts of the same values here are told together");
  app.option("--wait", options.defaults.wait, "How long a group waits for further alerts, in event time").may_change();
  app.option("--remind", options.defaults.remind, "Tell again after this time of what still fires").may_change();
  app.option("--cooldown", options.defaults.cooldown, "Shortest time between two notifications of one alert")
      .may_change();
  app.flag("--no-resolved", options.no_resolved, "Do not tell that an alert is over").may_change();
  app.group("Delivery");
  app.option("--history-file", options.stage.history, "Append every attempt to this file, as NDJSON")
      .file()
      .may_change();
  app.option("--retry-for", options.stage.retry_for,
             "Give a message up after it has failed for this long; without it, never")
      .may_change();
  app.limit("--max-pending", options.stage.max_pending, "Most messages on their way; then no more input is read");
  app.size_limit(
      "--max-held", options.stage.max_held,
      "Memory for messages on their way, beyond which no more input is read; as much for alerts that are remembered");
  app.flag("--dry-run", options.dry_run,
           "Write what would be sent, where and why, to standard output; nothing is sent");
  app.option("--now", options.now, "Take this as the present time, for ids and dates with the same bytes each time")
      .metavar("TIME")
      .default_text("the clock")
      .may_change();
  app.group("Records");
  app.fields("--by", options.stage.reading.by, "Fields that make the key of an alert, beside its rule")
      .default_text("all fields that are not an alert's own");
  app.limit("--max-keys", options.stage.max_keys,
            "Most firing alerts that are remembered; further ones are told, and forgotten");
  cli::define_time(app, options.stage.reading.time);
  cli::define_max_future(
      app, options.stage.max_future, std::chrono::days(31),
      "Do not go by a time that is further from the others, until several agree; its alert is told at once")
      .may_change();
  options.input.define(app);
}

/// A route for each channel that no route names, as those of the command line have.
inline Route route_of(const Options& options, const ChannelSpec& spec, std::vector<std::string> levels) {
  Route route = options.defaults;
  route.name = spec.name;
  route.place = spec.place;
  route.to = {spec.name};
  route.goes_on = true;
  route.resolved = !options.no_resolved;
  route.levels = std::move(levels);
  const bool wakes_people = spec.service == Service::sms || spec.service == Service::pagerduty;
  if (route.levels.empty() && wakes_people) route.levels = {"critical"};
  return route;
}

/// Reads the silences, and lets the stage read them again when their file has changed.
inline void follow_silences(Options& options) {
  const std::string path = options.silences;
  auto mark = state::FileMark::of(path);
  options.stage.silences = Silences::read(path, cli::read_trusted_file(path));
  options.stage.changed_silences = [path, mark]() mutable -> std::optional<Silences> {
    const auto now = state::FileMark::of(path);
    if (now == std::exchange(mark, now)) return std::nullopt;
    try {
      return Silences::read(path, cli::read_trusted_file(path));
    } catch (const cli::UsageError& problem) {
      throw ConfigError(problem.what());
    }
  };
}

inline void check(Options& options) {
  Config& config = options.stage.config;
  try {
    if (!options.routes.empty()) config = read_config(options.routes, cli::read_trusted_file(options.routes));
    if (!options.silences.empty()) follow_silences(options);
    if (config.routes.empty())
      for (const ChannelSpec& each : config.channels) config.routes.push_back(route_of(options, each, {}));
    std::vector<Route> routes;
    for (const ChannelOption& option : channel_options) {
      const std::vector<std::string>& specs = options.channels[option.service];
      for (std::size_t i = 0; i < specs.size(); ++i) {
        ChannelSpec spec = read_spec(option.service, specs[i], i + 1);
        std::vector<std::string> levels = spec.list("level");
        spec.values.erase("level");
        routes.push_back(route_of(options, spec, std::move(levels)));
        config.channels.push_back(std::move(spec));
      }
    }
    config.routes.insert(config.routes.begin(), routes.begin(), routes.end());
    split_recipients(config);
    check_config(config);
  } catch (const ConfigError& problem) {
    throw cli::UsageError(problem.what());
  }
  if (config.channels.empty()) throw cli::UsageError("give a channel, such as --mail ADDRESS, or --routes FILE");
  if (!options.now.empty() && !TimeParser().parse(options.now))
    throw cli::UsageError(fmt::format("--now: '{}' is not a time", options.now));
  if (options.dry_run && options.input.state.on())
    throw cli::UsageError("--dry-run changes nothing, and --state would: leave one out");
  options.stage.config.zone = options.routes.empty() ? options.stage.reading.time.zone : config.zone;
}

/// Values that come from variables where the specification has none.
inline void fill_in(ChannelSpec& spec, const cli::Context& context) {
  const auto fill = [&](const char* key, const char* variable) {
    if (spec.values.contains(key)) return;
    if (const auto value = context.environment.get(variable)) spec.values[key] = {*value};
  };
  switch (spec.service) {
    case Service::mail:
      fill("to", "ALERT_EMAIL");
      fill("from", "SMTP_FROM");
      if (spec.values.contains("host")) break;
      fill("host", "SMTP_HOST");
      fill("port", "SMTP_PORT");
      fill("user", "SMTP_USER");
      break;
    case Service::sms:
      fill("to", "ALERT_PHONE");
      fill("account", "TWILIO_ACCOUNT_SID");
      if (!spec.values.contains("messaging_service")) fill("from", "TWILIO_FROM");
      break;
    case Service::webhook:
      if (!spec.values.contains("url_file")) fill("url", "ALERT_WEBHOOK_URL");
      break;
    case Service::mqtt:
      if (spec.values.contains("host")) break;
      fill("host", "MQTT_HOST");
      fill("port", "MQTT_PORT");
      fill("user", "MQTT_USER");
      break;
    default:
      break;
  }
}

/// What a dry run has in place of secrets, accounts and addresses that are not given, so that all else can be checked.
inline Secrets stand_ins(ChannelSpec& spec) {
  constexpr const char* any = "stand-in";
  Secrets secrets{{}, any, any};
  const auto fill = [&](const char* key, const char* text) {
    if (!spec.values.contains(key)) spec.values[key] = {text};
  };
  if (spec.service == Service::slack || !spec.list("url_file").empty()) secrets.url = "https://localhost/";
  if (spec.service == Service::sms) {
    fill("to", "+10000000000");
    fill("account", any);
    if (!spec.values.contains("messaging_service")) fill("from", any);
  }
  if (spec.service == Service::mail)
    for (const char* key : {"to", "from"}) fill(key, "stand-in@localhost");
  if (spec.service == Service::mail || spec.service == Service::mqtt) fill("host", "localhost");
  if (spec.service == Service::webhook && !spec.values.contains("url_file")) fill("url", "https://localhost/");
  return secrets;
}

inline Secrets secrets_of(const ChannelSpec& spec, const cli::Context& context) {
  Secrets secrets;
  const auto read = [&](const char* variable, const char* key) {
    return context.secret(variable, spec.text(key)).value_or("");
  };
  switch (spec.service) {
    case Service::mail:
      if (!spec.text("user").empty()) secrets.password = read("SMTP_PASSWORD", "password_file");
      break;
    case Service::mqtt:
      if (!spec.text("user").empty()) secrets.password = read("MQTT_PASSWORD", "password_file");
      break;
    case Service::sms:
      secrets.token = read("TWILIO_AUTH_TOKEN", "token_file");
      break;
    case Service::slack:
      secrets.url = read("SLACK_WEBHOOK_URL", "url_file");
      break;
    case Service::pagerduty:
      secrets.token = read("PAGERDUTY_ROUTING_KEY", "key_file");
      break;
    case Service::webhook:
      if (!spec.text("url_file").empty()) secrets.url = read("", "url_file");
      if (!spec.text("token_file").empty()) secrets.token = read("", "token_file");
      [[fallthrough]];
    case Service::alertmanager:
      if (!spec.text("user").empty()) secrets.password = read("WEBHOOK_PASSWORD", "password_file");
      break;
    case Service::program:
      break;
  }
  for (const std::string& each : {secrets.token, secrets.url})
    for (const char c : each)
      if (static_cast<unsigned char>(c) <= ' ' || c == '\x7f')
        spec.fail("the secret has a blank or a control character in it");
  return secrets;
}

}  // namespace weir::alert_notify
