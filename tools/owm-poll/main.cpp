// owm-poll: polls the current weather of many cities.
#include <fmt/format.h>

#include <random>
#include <stdexcept>

#include "cli/app.hpp"
#include "net/http/url.hpp"
#include "options.hpp"
#include "pipeline/run.hpp"
#include "poll_source.hpp"
#include "state/atomic_file.hpp"

namespace {

using namespace weir;
using namespace weir::owm_poll;

void validate(const Options& options) {
  using namespace std::chrono_literals;
  if (options.once == options.every.has_value()) throw cli::UsageError("say when: either --once or --every DURATION");
  if (options.every && *options.every < 1s) throw cli::UsageError("--every: must be at least 1s");
  if (options.net.timeout < 10ms || options.net.timeout > 1h)
    throw cli::UsageError("--timeout: must be between 10ms and 1h");
  if (options.net.retry_wait < 1ms || options.net.retry_wait > 1h)
    throw cli::UsageError("--retry-wait: must be between 1ms and 1h");
  if (options.history > 92 * 24h) throw cli::UsageError("--history: 92d at most");
  if (options.history > 0s && options.provider != Service::open_meteo)
    throw cli::UsageError(
        "--history: openweathermap has no past without a further subscription; --provider open-meteo has");
  if (options.max_body < 1024 || options.max_body > (1U << 30))
    throw cli::UsageError("--max-body: must be between 1K and 1G");
  if (options.source.state.on() && !options.sent.empty())
    throw cli::UsageError("--state remembers what was sent: --sent is of no use beside it");
  check_url(options.base_url, "--base-url", options.net.insecure);
  check_url(options.geocode_url, "--geocode-url", options.net.insecure);
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
  settings.retries = static_cast<unsigned>(options.net.retries);
  settings.retry_wait = options.net.retry_wait;
  settings.max_wait = options.max_wait;
  settings.timeout = std::chrono::ceil<std::chrono::milliseconds>(options.net.timeout);
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
    endpoint.key = context.secret("OWM_API_KEY").value_or("");
    if (endpoint.key.empty())
      throw cli::UsageError(
          "OWM_API_KEY is not set: openweathermap needs a key (openweathermap.org/api gives one); --provider "
          "open-meteo needs none");
    context.log.conceal(http::encode(endpoint.key));
  }
  const Voice voice{[&](std::string_view text) { context.log.info(text); },
                    [&](std::string_view text) { context.log.error(text); }};
  const auto provider = Provider::make(options.provider, endpoint);
  std::vector<City> cities = cities_of(options, context.environment);
  PlaceCache cache(options.cache);
  if (cache.skipped() > 0)
    context.log.warn(fmt::format("{}: {} lines are no places and are not kept", options.cache, cache.skipped()));
  const SentFile sent(options.sent);
  Poller poller(settings_of(options, *provider), *provider, cache, std::move(cities), voice);
  poller.remember(sent.load());
  http::Client client({.max_connections = options.connections,
                       .user_agent = "owm-poll (weir " WEIR_VERSION ")",
                       .ca_file = options.net.ca_file});
  PollSource source(poller, client, cache, sent, voice, {.total = options.spool_limit});
  return run_source(source, options.source, context);
}

}  // namespace

int main(int argc, char** argv) {
  return weir::cli::main_of<Options>(argc, argv, "owm-poll", "polls the current weather of many cities", define_options,
                                     validate, run);
}
