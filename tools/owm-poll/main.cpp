// owm-poll: polls the current weather of many cities.
#include <random>

#include "cli/trusted_file.hpp"
#include "net/http/url.hpp"
#include "options.hpp"
#include "pipeline/source_main.hpp"

namespace {

using namespace weir;
using namespace weir::owm_poll;

void check(const Options& options, const SourceOptions& source) {
  using namespace std::chrono_literals;
  if (options.once == options.every.has_value()) throw cli::UsageError("give either --once or --every DURATION");
  if (options.every && *options.every < 1s) throw cli::UsageError("--every: must be at least 1s");
  if (options.net.timeout < 10ms || options.net.timeout > 1h)
    throw cli::UsageError("--timeout: must be between 10ms and 1h");
  if (options.net.retry_wait < 1ms || options.net.retry_wait > 1h)
    throw cli::UsageError("--retry-wait: must be between 1ms and 1h");
  if (options.history > 92 * 24h) throw cli::UsageError("--past: 92d at most");
  if (options.history > 0s && options.provider != Service::open_meteo)
    throw cli::UsageError(
        "--past: openweathermap has no past without a further subscription; --provider open-meteo has");
  if (options.max_body < 1024 || options.max_body > (1U << 30))
    throw cli::UsageError("--max-body: must be between 1K and 1G");
  if (source.state.on() && !options.files.sent.empty())
    throw cli::UsageError("--sent cannot be used with --state, which already keeps the sent readings");
  check_url(options.endpoint.base_url, "--base-url", options.net.insecure);
  check_url(options.endpoint.geocode_url, "--geocode-url", options.net.insecure);
}

std::vector<City> cities_of(const Options& options, const cli::Environment& environment) {
  std::string text;
  if (!options.cities_file.empty()) text = cli::read_option_file("--city-file", options.cities_file);
  return wanted_cities(options.cities, text, environment.get("CITIES").value_or(""));
}

/// The provider's key, where it needs one. It is concealed in all messages.
std::string key_from(cli::Context& context) {
  std::string key = context.secret("OWM_API_KEY").value_or("");
  if (key.empty())
    throw cli::UsageError(
        "OWM_API_KEY is not set: openweathermap needs a key (openweathermap.org/api gives one); --provider open-meteo "
        "needs none");
  context.log.conceal(http::encode(key));
  return key;
}

std::unique_ptr<AnySource> make(const Options& options, const SourceOptions& source, cli::Context& context) {
  check(options, source);
  Endpoint endpoint = options.endpoint;
  if (options.provider == Service::openweathermap) endpoint.key = key_from(context);
  auto provider = Provider::make(options.provider, endpoint);
  PollSettings settings = options;
  settings.retries = static_cast<unsigned>(options.net.retries);
  settings.retry_wait = options.net.retry_wait;
  settings.timeout = std::chrono::ceil<std::chrono::milliseconds>(options.net.timeout);
  settings.seed = std::random_device{}();
  const http::ClientOptions http{.max_connections = static_cast<int>(options.connections),
                                 .user_agent = "owm-poll (weir " WEIR_VERSION ")",
                                 .ca_file = options.net.ca_file};
  auto receiver = std::make_unique<PollReceiver>(settings, std::move(provider), cities_of(options, context.environment),
                                                 options.files, http);
  return std::make_unique<SpooledSource>(std::move(receiver), options.spooled);
}

}  // namespace

int main(int argc, char** argv) {
  return weir::source_main(argc, argv, "owm-poll", "polls the current weather of many cities", define_options, make);
}
