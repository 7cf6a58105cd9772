// owm-poll: polls the current weather of many cities.
#include <fmt/format.h>

#include <random>
#include <stdexcept>

#include "cli/app.hpp"
#include "net/http/url.hpp"
#include "pipeline/run.hpp"
#include "poll_source.hpp"
#include "state/atomic_file.hpp"

namespace {

using namespace weir;
using namespace weir::poll;

struct Options {
  std::vector<std::string> cities;
  std::string cities_file;
  std::string base_url;
  std::string geocode_url;
  std::string cache;
  std::string ca_file;
  std::string sent;
  std::optional<Duration> every;
  Duration history{};
  Duration retry_wait = std::chrono::seconds(1);
  Duration timeout = std::chrono::seconds(15);
  Duration max_wait = std::chrono::minutes(10);
  std::uint64_t max_body = 4 << 20;
  SourceOptions source;
  std::uint64_t spool_limit = state::SpoolLimits().total;
  int rate_limit = 0;
  int connections = 8;
  int retries = 4;
  Service provider = Service::openweathermap;
  Stamp stamp = Stamp::dt;
  bool geocode = false;
  bool once = false;
  bool extra = false;
  bool repeat = false;
  bool insecure = false;
};

void define_options(cli::App& app, Options& options) {
  app.example("owm-poll --once --city Athens --city London,GB", "The weather of two cities, now, from OpenWeatherMap");
  app.example("owm-poll --once --cities cities.txt --geocode --cache places.ndjson --extra",
              "All that is known of the cities in a file; their coordinates are kept for the next run");
  app.example("owm-poll --once --provider open-meteo --history 2d --city Zocca@44.34,10.99",
              "Two days of hours and the current reading of a place, without a key");
  app.example("owm-poll --every 60s --city Athens | head -n 1",
              "A poll a minute for life (here until the first reading)");
  app.group("Cities");
  app.option("--city", options.cities, "A city: NAME, or NAME@lat,lon; again for each (else CITIES, comma-separated)")
      .metavar("NAME")
      .may_change();
  app.option("--cities", options.cities_file, "A file of cities, one a line").metavar("FILE").file().may_change();
  app.group("When");
  app.flag("--once", options.once, "One round, then end").may_change();
  app.option("--every", options.every, "A round whenever the clock shows a multiple of this, the first at once")
      .may_change();
  app.option("--history", options.history, "First the hours of this much of the past (open-meteo)")
      .default_text("none")
      .may_change();
  app.group("Provider");
  app.choice("--provider", options.provider,
             {{"openweathermap", Service::openweathermap}, {"open-meteo", Service::open_meteo}},
             "Whom to ask; openweathermap needs a key in OWM_API_KEY");
  app.option("--base-url", options.base_url, "Where it is")
      .env("OWM_BASE_URL")
      .metavar("URL")
      .default_text("the provider's")
      .may_change();
  app.option("--geocode-url", options.geocode_url, "Where names are looked up")
      .metavar("URL")
      .default_text("the provider's, or --base-url")
      .may_change();
  app.flag("--geocode", options.geocode, "Look names up and ask by coordinates (open-meteo always does)").may_change();
  app.option("--cache", options.cache, "Keep the coordinates of names here").metavar("FILE").file().may_change();
  app.option("--rate-limit", options.rate_limit, "Calls a minute at most")
      .at_least(1)
      .at_most(100'000)
      .default_text("the provider's: 60 or 600")
      .may_change();
  app.option("--connections", options.connections, "Requests side by side at most")
      .at_least(1)
      .at_most(256)
      .may_change();
  app.option("--timeout", options.timeout, "How long one request may take").may_change();
  app.option("--retries", options.retries, "How often a request is tried again").at_least(0).at_most(100).may_change();
  app.option("--retry-wait", options.retry_wait, "The pause before it; doubles each time, up to sixty times this")
      .may_change();
  app.option("--max-wait", options.max_wait, "With --once: give up when the provider asks to wait longer").may_change();
  app.size("--max-body", options.max_body, "Longest reply that is read").may_change();
  app.option("--cafile", options.ca_file, "Trust these certificates (PEM) instead of the system's")
      .metavar("FILE")
      .file()
      .may_change();
  app.flag("--insecure", options.insecure, "Allow plain http to another host").may_change();
  app.group("Records");
  app.choice("--stamp", options.stamp, {{"dt", Stamp::dt}, {"poll", Stamp::poll}},
             "timestamp is the reading's own time, or the time of asking")
      .may_change();
  app.flag("--extra", options.extra, "All else that the provider tells, behind the seven fields").may_change();
  app.flag("--repeat", options.repeat, "Send a reading again that was sent already").may_change();
  app.option("--sent", options.sent, "Note here what was sent, so that the next run does not send it again")
      .metavar("FILE")
      .file()
      .may_change();
  options.source.define(app);
  app.size("--spool-limit", options.spool_limit,
           "With --state: so much may be stored that the sink has not committed; then nobody is asked")
      .at_least(1 << 20)
      .may_change();
}

void check_url(const std::string& url, const char* option, bool insecure) {
  if (url.empty()) return;
  if (!http::is_base_url(url))
    throw cli::UsageError(fmt::format("{}: expected http://host[:port] or https://host[:port]", option));
  if (!insecure && http::is_plain_off_host(url))
    throw cli::UsageError(
        fmt::format("{}: plain http to another host shows the key to the net; use https, or --insecure", option));
}

void validate(const Options& options) {
  using namespace std::chrono_literals;
  if (options.once == options.every.has_value()) throw cli::UsageError("say when: either --once or --every DURATION");
  if (options.every && *options.every < 1s) throw cli::UsageError("--every: must be at least 1s");
  if (options.timeout < 10ms || options.timeout > 1h) throw cli::UsageError("--timeout: must be between 10ms and 1h");
  if (options.retry_wait < 1ms || options.retry_wait > 1h)
    throw cli::UsageError("--retry-wait: must be between 1ms and 1h");
  if (options.history > 92 * 24h) throw cli::UsageError("--history: 92d at most");
  if (options.history > 0s && options.provider != Service::open_meteo)
    throw cli::UsageError(
        "--history: openweathermap has no past without a further subscription; --provider open-meteo has");
  if (options.max_body < 1024 || options.max_body > (1U << 30))
    throw cli::UsageError("--max-body: must be between 1K and 1G");
  if (options.source.state.on() && !options.sent.empty())
    throw cli::UsageError("--state remembers what was sent: --sent is of no use beside it");
  check_url(options.base_url, "--base-url", options.insecure);
  check_url(options.geocode_url, "--geocode-url", options.insecure);
}

std::vector<City> cities_of(const Options& options, const cli::Environment& environment) {
  std::string text;
  if (!options.cities_file.empty()) {
    auto read = state::read_file(options.cities_file);
    if (!read) throw std::runtime_error(fmt::format("--cities: there is no {}", options.cities_file));
    text = std::move(*read);
  }
  try {
    return wanted_cities(options.cities, text, environment.get("CITIES").value_or(""));
  } catch (const std::invalid_argument& problem) {
    throw cli::UsageError(problem.what());
  }
}

PollSettings settings_of(const Options& options, const Provider& provider) {
  PollSettings settings;
  settings.every = options.every;
  settings.history = options.history;
  settings.retries = static_cast<unsigned>(options.retries);
  settings.retry_wait = options.retry_wait;
  settings.max_wait = options.max_wait;
  settings.timeout = std::chrono::ceil<std::chrono::milliseconds>(options.timeout);
  settings.max_body = options.max_body;
  settings.rate_limit = options.rate_limit > 0 ? static_cast<unsigned>(options.rate_limit) : provider.calls_a_minute();
  settings.connections = static_cast<std::size_t>(options.connections);
  settings.lookup = options.geocode ? Lookup::always : Lookup::when_needed;
  settings.stamp = options.stamp;
  settings.repeats = options.repeat ? Repeats::send : Repeats::drop;
  settings.extras = options.extra ? weather::Extras::append : weather::Extras::leave_out;
  settings.seed = std::random_device{}();
  return settings;
}

cli::Exit run(const Options& options, cli::Context& context) {
  Endpoint endpoint{options.base_url, options.geocode_url, {}};
  if (options.provider == Service::openweathermap) {
    endpoint.key = context.environment.secret("OWM_API_KEY").value_or("");
    if (endpoint.key.empty())
      throw cli::UsageError(
          "OWM_API_KEY is not set: openweathermap needs a key (openweathermap.org/api gives one); --provider "
          "open-meteo needs none");
    context.words.conceal(endpoint.key);
    context.words.conceal(http::encode(endpoint.key));
  }
  const Voice voice{[&](std::string_view text) { context.words.info(text); },
                    [&](std::string_view text) { context.words.error(text); }};
  const auto provider = Provider::make(options.provider, endpoint);
  std::vector<City> cities = cities_of(options, context.environment);
  PlaceCache cache(options.cache);
  if (cache.skipped() > 0)
    context.words.warn(fmt::format("{}: {} lines are no places and are not kept", options.cache, cache.skipped()));
  const SentFile sent(options.sent);
  Poller poller(settings_of(options, *provider), *provider, cache, std::move(cities), voice);
  poller.remember(sent.load());
  http::Client client({.max_connections = options.connections,
                       .user_agent = "owm-poll (weir " WEIR_VERSION ")",
                       .ca_file = options.ca_file});
  PollSource source(poller, client, cache, sent, voice, {.total = options.spool_limit});
  return run_source(source, options.source, context);
}

}  // namespace

int main(int argc, char** argv) {
  return weir::cli::main_of<Options>(argc, argv, "owm-poll", "polls the current weather of many cities", define_options,
                                     validate, run);
}
