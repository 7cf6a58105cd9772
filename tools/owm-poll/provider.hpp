// Requests to each provider, and the parsing of their replies.
#pragma once
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "city.hpp"
#include "weather/providers.hpp"

namespace weir::owm_poll {

/// The weather service.
enum class Service : std::uint8_t { openweathermap, open_meteo };

/// The addresses of a provider. Empty ones are the provider's defaults.
struct Endpoint {
  std::string base_url;
  std::string geocode_url;
  std::string key;  ///< a secret
};

/// One provider: URLs out, bytes in, readings out. Without sockets and clocks.
class Provider {
 public:
  static std::unique_ptr<Provider> make(Service service, const Endpoint& endpoint);
  virtual ~Provider() = default;

  virtual std::string_view name() const = 0;
  /// The calls a minute that it allows; each place of a request counts.
  virtual unsigned calls_a_minute() const = 0;
  /// The most places in one request.
  virtual std::size_t places_a_request() const = 0;
  /// True when it takes coordinates only, so that names must be looked up first.
  virtual bool needs_coordinates() const = 0;
  /// Advice for the user when it refuses the key (status 401).
  virtual std::string_view refusal_advice() const = 0;

  /// The URL that looks a name up, and the coordinates from the reply, or a reason.
  virtual std::string lookup_url(const City& city) const = 0;
  virtual std::string read_lookup(const City& city, std::string_view body, Coordinates& found) const = 0;

  /// The URL for the weather of these cities, with the hours of `past_days` days unless that is zero.
  virtual std::string weather_url(std::span<const City> cities, unsigned past_days) const = 0;
  /// The current reading of each city, in their order.
  virtual std::vector<weather::PlaceReply> read_current(std::string_view body, std::size_t cities) const = 0;
  /// The past hours of each city, when they were requested.
  virtual std::vector<weather::PlaceReply> read_hours(std::string_view body, std::size_t cities) const = 0;
};

}  // namespace weir::owm_poll
