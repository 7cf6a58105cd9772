#include "provider.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>

#include "net/http/url.hpp"

namespace weir::owm_poll {
namespace {

std::string without_slash(std::string url) {
  while (!url.empty() && url.back() == '/') url.pop_back();
  return url;
}

const std::string& first_given(const std::string& one, const std::string& two, const std::string& three) {
  return !one.empty() ? one : !two.empty() ? two : three;
}

Coordinates coordinates_of(const weather::Place& place) { return {place.latitude, place.longitude}; }

class OpenWeatherMap final : public Provider {
 public:
  explicit OpenWeatherMap(const Endpoint& endpoint)
      : base_(without_slash(first_given(endpoint.base_url, {}, own_base))),
        geocode_(without_slash(first_given(endpoint.geocode_url, endpoint.base_url, own_base))),
        key_(endpoint.key) {}

  std::string_view name() const override { return "openweathermap"; }
  unsigned calls_a_minute() const override { return 60; }
  std::size_t places_a_request() const override { return 1; }
  bool needs_coordinates() const override { return false; }
  std::string_view refusal_advice() const override {
    return "check OWM_API_KEY; a new key takes up to two hours until it works";
  }

  std::string lookup_url(const City& city) const override {
    std::string url = geocode_ + "/geo/1.0/direct";
    http::add_query(url, "q", city.name);
    http::add_query(url, "limit", "1");
    http::add_query(url, "appid", key_);
    return url;
  }

  std::string read_lookup(const City&, std::string_view body, Coordinates& found) const override {
    const auto reply = weather::parse_openweathermap_places(body);
    if (reply.ok()) found = coordinates_of(reply.places.front());
    return reply.reason;
  }

  std::string weather_url(std::span<const City> cities, unsigned) const override {
    const City& city = cities.front();
    std::string url = fmt::format("{}/data/2.5/weather?{}", base_, weather::openweathermap_units);
    if (city.place) {
      http::add_query(url, "lat", city.place->latitude);
      http::add_query(url, "lon", city.place->longitude);
    } else {
      http::add_query(url, "q", city.name);
    }
    http::add_query(url, "appid", key_);
    return url;
  }

  std::vector<weather::PlaceReply> read_current(std::string_view body, std::size_t) const override {
    return {weather::parse_openweathermap(body)};
  }

  std::vector<weather::PlaceReply> read_hours(std::string_view, std::size_t cities) const override {
    return std::vector<weather::PlaceReply>(cities);
  }

 private:
  inline static const std::string own_base = "https://api.openweathermap.org";
  std::string base_;
  std::string geocode_;
  std::string key_;
};

class OpenMeteo final : public Provider {
 public:
  explicit OpenMeteo(const Endpoint& endpoint)
      : base_(without_slash(first_given(endpoint.base_url, {}, own_base))),
        geocode_(without_slash(first_given(endpoint.geocode_url, endpoint.base_url, own_geocode))) {}

  std::string_view name() const override { return "open-meteo"; }
  unsigned calls_a_minute() const override { return 600; }
  std::size_t places_a_request() const override { return 25; }
  bool needs_coordinates() const override { return true; }
  std::string_view refusal_advice() const override { return "it needs no key: check --base-url and the proxy"; }

  // OpenWeatherMap's geocoder takes names only: it gets the first part of `Athens,GR`, and the first place of that
  // country is used.
  std::string lookup_url(const City& city) const override {
    std::string url = geocode_ + "/v1/search";
    http::add_query(url, "name", city.name.substr(0, city.name.find(',')));
    http::add_query(url, "count", country_of(city).empty() ? "1" : "20");
    return url;
  }

  std::string read_lookup(const City& city, std::string_view body, Coordinates& found) const override {
    const auto reply = weather::parse_open_meteo_places(body);
    if (!reply.ok()) return reply.reason;
    const std::string country = country_of(city);
    for (const weather::Place& place : reply.places) {
      if (!country.empty() && !place.country.empty() && place.country != country) continue;
      found = coordinates_of(place);
      return {};
    }
    return "no such place in " + country;
  }

  std::string weather_url(std::span<const City> cities, unsigned past_days) const override {
    std::string latitudes;
    std::string longitudes;
    for (const City& city : cities) {
      latitudes += (latitudes.empty() ? "" : ",") + city.place->latitude;
      longitudes += (longitudes.empty() ? "" : ",") + city.place->longitude;
    }
    std::string url = fmt::format("{}/v1/forecast?latitude={}&longitude={}&current={}&{}", base_, latitudes, longitudes,
                                  weather::open_meteo_variables, weather::open_meteo_units);
    if (past_days > 0)
      url += fmt::format("&hourly={}&past_days={}&forecast_days=1", weather::open_meteo_variables, past_days);
    return url;
  }

  std::vector<weather::PlaceReply> read_current(std::string_view body, std::size_t cities) const override {
    return weather::parse_open_meteo_current(body, cities);
  }

  std::vector<weather::PlaceReply> read_hours(std::string_view body, std::size_t cities) const override {
    return weather::parse_open_meteo_hourly(body, cities);
  }

 private:
  /// The `GR` of `Athens,GR`; empty when the last part is not a country code.
  static std::string country_of(const City& city) {
    const auto comma = city.name.rfind(',');
    if (comma == std::string::npos) return {};
    std::string code = city.name.substr(comma + 1);
    code.erase(0, code.find_first_not_of(' '));
    const auto is_letter = [](char c) { return std::isalpha(static_cast<unsigned char>(c)) != 0; };
    if (code.size() != 2 || !std::all_of(code.begin(), code.end(), is_letter)) return {};
    for (char& c : code) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
    return code;
  }

  inline static const std::string own_base = "https://api.open-meteo.com";
  inline static const std::string own_geocode = "https://geocoding-api.open-meteo.com";
  std::string base_;
  std::string geocode_;
};

}  // namespace

std::unique_ptr<Provider> Provider::make(Service service, const Endpoint& endpoint) {
  if (service == Service::open_meteo) return std::make_unique<OpenMeteo>(endpoint);
  return std::make_unique<OpenWeatherMap>(endpoint);
}

}  // namespace weir::owm_poll
