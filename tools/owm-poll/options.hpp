// The options of owm-poll.
#pragma once
#include <fmt/format.h>

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "cli/net_options.hpp"
#include "cli/time_options.hpp"
#include "pipeline/options.hpp"
#include "pipeline/spooled_options.hpp"
#include "poll_receiver.hpp"
#include "provider.hpp"

namespace weir::owm_poll {

/// The poller's settings, and the options of what stands around it.
struct Options : PollSettings {
  std::vector<std::string> cities;
  std::string cities_file;
  Endpoint endpoint;
  PollFiles files;
  SpooledSettings spooled;
  Service provider = Service::openweathermap;
  bool once = false;
  cli::NetOptions net;
};

inline void define_options(cli::App& app, Options& options, SourceOptions& source) {
  app.example("owm-poll --once --city Athens --city London,GB",
              "The current weather of two cities, from OpenWeatherMap");
  app.example("owm-poll --once --city-file cities.txt --geocode --cache places.ndjson --extra",
              "All fields for the cities of a file; their coordinates are kept for the next run");
  app.example("owm-poll --once --provider open-meteo --past 2d --city Zocca@44.34,10.99",
              "Two days of hours and the current reading of a place, without a key");
  app.group("Cities");
  app.option("--city", options.cities, "City: NAME, or NAME@lat,lon; without it CITIES, comma-separated")
      .metavar("NAME")
      .may_change();
  app.option("--city-file", options.cities_file, "File of cities, one a line").file().may_change();
  app.group("When");
  app.flag("--once", options.once, "Poll once, then end").may_change();
  app.option("--every", options.every, "Poll whenever the clock shows a multiple of this, the first time at once")
      .may_change();
  app.option("--past", options.history, "First write the hours of this much of the past (open-meteo)")
      .default_text("none")
      .may_change();
  app.group("Provider");
  app.choice("--provider", options.provider,
             {{"openweathermap", Service::openweathermap}, {"open-meteo", Service::open_meteo}},
             "Provider to ask; openweathermap needs a key in OWM_API_KEY");
  app.option("--base-url", options.endpoint.base_url, "Address of the provider")
      .env("OWM_BASE_URL")
      .metavar("URL")
      .default_text("the provider's")
      .may_change();
  app.option("--geocode-url", options.endpoint.geocode_url, "Address at which names are looked up")
      .metavar("URL")
      .default_text("the provider's, or --base-url")
      .may_change();
  app.flag("--geocode", options.lookup, Lookup::always, "Look names up and ask by coordinates (open-meteo always does)")
      .may_change();
  app.option("--cache", options.files.cache, "Keep the coordinates of names in this file").file().may_change();
  app.option("--rate-limit", options.rate_limit, "Most calls a minute")
      .at_least(1)
      .at_most(100'000)
      .default_text("the provider's: 60 or 600")
      .may_change();
  app.option("--connections", options.connections, "Most requests at a time").at_least(1).at_most(256).may_change();
  options.net.define_retries(app, "request", "sixty times this");
  app.option("--max-wait", options.max_wait, "With --once: give up when the provider asks to wait longer").may_change();
  app.size("--max-body", options.max_body, "Longest reply read").may_change();
  options.net.define_ca_file(app, "provider");
  options.net.define_insecure(app, "plain http to another machine");
  app.group("Records");
  app.choice("--time-of", options.stamp, {{"dt", Stamp::dt}, {"poll", Stamp::poll}},
             "Time in timestamp: that of the reading, or that of asking")
      .may_change();
  cli::define_max_future_of_source(app, options.max_future, std::chrono::days(1), "a reading");
  app.flag("--extra", options.extras, weather::Extras::append,
           "All else that the provider tells, after the seven fields")
      .may_change();
  app.flag("--repeat", options.repeats, Repeats::send, "Write a reading again that was already written").may_change();
  app.option("--sent", options.files.sent,
             "Note written readings in this file, so that the next run does not write them again")
      .file()
      .may_change();
  source.define(app);
  cli::define_spool_limit(app, options.spooled, "nobody is asked");
}

void check_url(const std::string& url, const char* option, bool insecure) {
  if (url.empty()) return;
  if (!http::is_base_url(url))
    throw cli::UsageError(fmt::format("{}: expected http://host[:port] or https://host[:port]", option));
  if (!insecure && http::is_plain_off_host(url))
    throw cli::UsageError(
        fmt::format("{}: plain http to another host shows the key to the net; use https, or --insecure", option));
}

}  // namespace weir::owm_poll
