#include "provider.hpp"

#include <vector>

#include "catch.hpp"

using namespace weir::owm_poll;

TEST_CASE("requests to OpenWeatherMap") {
  const auto provider = Provider::make(Service::openweathermap, {"", "", "k&y"});
  const City named = parse_city("São Paulo,BR");
  const City placed = parse_city("Zocca@44.34,10.99");
  CHECK(provider->weather_url({&named, 1}, 0) ==
        "https://api.openweathermap.org/data/2.5/weather?units=metric&q=S%C3%A3o%20Paulo%2CBR&appid=k%26y");
  CHECK(provider->weather_url({&placed, 1}, 0) ==
        "https://api.openweathermap.org/data/2.5/weather?units=metric&lat=44.34&lon=10.99&appid=k%26y");
  CHECK(provider->lookup_url(named) ==
        "https://api.openweathermap.org/geo/1.0/direct?q=S%C3%A3o%20Paulo%2CBR&limit=1&appid=k%26y");
  Coordinates found;
  CHECK(provider->read_lookup(named, R"([{"name":"São Paulo","lat":-23.5507,"lon":-46.6334,"country":"BR"}])", found)
            .empty());
  CHECK(found == Coordinates{"-23.5507", "-46.6334"});
  CHECK(provider->read_lookup(named, "[]", found) == "no such place");
}

TEST_CASE("requests to Open-Meteo: many places at once, and a name without its country") {
  const auto provider = Provider::make(Service::open_meteo, {"http://127.0.0.1:8/base/", "", ""});
  const std::vector<City> cities = {parse_city("A@1,2"), parse_city("B@3.50,-4")};
  CHECK(provider->weather_url(cities, 0) ==
        "http://127.0.0.1:8/base/v1/"
        "forecast?latitude=1,3.50&longitude=2,-4&current=temperature_2m,relative_humidity_2m,pressure_msl,"
        "wind_speed_10m,weather_code&wind_speed_unit=ms&timeformat=unixtime");
  CHECK(provider->weather_url(cities, 2).ends_with(
      "&hourly=temperature_2m,relative_humidity_2m,pressure_msl,wind_speed_10m,weather_code"
      "&past_days=2&forecast_days=1"));
  const City athens = parse_city("Athens, gr");
  CHECK(provider->lookup_url(athens) == "http://127.0.0.1:8/base/v1/search?name=Athens&count=20");
  const std::string places = R"({"results":[{"name":"Athens","latitude":33.96,"longitude":-83.37,"country_code":"US"},)"
                             R"({"name":"Athens","latitude":37.98,"longitude":23.72,"country_code":"GR"}]})";
  Coordinates found;
  CHECK(provider->read_lookup(athens, places, found).empty());
  CHECK(found == Coordinates{"37.98", "23.72"});
  CHECK(provider->read_lookup(parse_city("Athens,DE"), places, found) == "no such place in DE");
  CHECK(provider->read_lookup(parse_city("Athens"), places, found).empty());
  CHECK(found == Coordinates{"33.96", "-83.37"});
  CHECK(provider->lookup_url(parse_city("Athens,Georgia")) == "http://127.0.0.1:8/base/v1/search?name=Athens&count=1");
}

TEST_CASE("names are looked up at --geocode-url") {
  const auto provider = Provider::make(Service::open_meteo, {"https://a", "https://b/", ""});
  CHECK(provider->lookup_url(parse_city("X")).starts_with("https://b/v1/search?"));
  CHECK(Provider::make(Service::open_meteo, {})
            ->lookup_url(parse_city("X"))
            .starts_with("https://geocoding-api.open-meteo.com/v1/search?"));
}
