// What to ask each provider, and how to read its answers.
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

/// Which service.
enum class Service : std::uint8_t { openweathermap, open_meteo };

/// Where a provider is. What is empty is the provider's own.
struct Endpoint {
  std::string base_url;
  std::string geocode_url;
  std::string key;  ///< a secret
};

/// One provider: URLs out, bytes in, readings out. Knows no socket and no clock.
class Provider {
 public:
  static std::unique_ptr<Provider> make(Service service, const Endpoint& endpoint);
  virtual ~Provider() = default;

  virtual std::string_view name() const = 0;
  /// Calls a minute that it allows, each place of a request counted.
  virtual unsigned calls_a_minute() const = 0;
  /// Places that one request may ask for.
  virtual std::size_t places_a_request() const = 0;
  /// True when it must be asked by coordinates, so that names are looked up first.
  virtual bool needs_coordinates() const = 0;
  /// What to do when it refuses (status 401), in words.
  virtual std::string_view refusal_advice() const = 0;

  /// Where to look up a name, and the coordinates from the reply; a reason when there are none.
  virtual std::string lookup_url(const City& city) const = 0;
  virtual std::string read_lookup(const City& city, std::string_view body, Coordinates& found) const = 0;

  /// Where to ask for the weather of these cities, with the hours of so many past days when that is not zero.
  virtual std::string weather_url(std::span<const City> cities, unsigned past_days) const = 0;
  /// The current reading of each city, in their order.
  virtual std::vector<weather::PlaceReply> read_current(std::string_view body, std::size_t cities) const = 0;
  /// The past hours of each, where they were asked for.
  virtual std::vector<weather::PlaceReply> read_hours(std::string_view body, std::size_t cities) const = 0;
};

}  // namespace weir::owm_poll
