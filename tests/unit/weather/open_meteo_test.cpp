#include "catch.hpp"
#include "time/timestamp.hpp"
#include "weather/providers.hpp"

using namespace weir;
using namespace weir::weather;

namespace {

const std::string athens =
    R"({"latitude":37.9375,"longitude":23.75,"generationtime_ms":0.04,"utc_offset_seconds":0,"timezone":"GMT",
"timezone_abbreviation":"GMT","elevation":66.0,"current_units":{"time":"unixtime","interval":"seconds","temperature_2m":"°C",
"relative_humidity_2m":"%","pressure_msl":"hPa","wind_speed_10m":"m/s","weather_code":"wmo code"},"current":{"time":1732089600,
"interval":900,"temperature_2m":14.30,"relative_humidity_2m":61,"pressure_msl":1012.4,"wind_speed_10m":3.02,"weather_code":61}})";

const std::string oslo =
    R"({"latitude":59.9,"longitude":10.75,"utc_offset_seconds":0,"elevation":13.0,"current_units":{"temperature_2m":"°C",
"wind_speed_10m":"m/s"},"current":{"time":1732090500,"interval":900,"temperature_2m":-4.1,"relative_humidity_2m":null,
"pressure_msl":1001.0,"weather_code":4,"is_day":1}})";

const std::string hours =
    R"({"latitude":1,"longitude":2,"hourly_units":{"time":"unixtime","temperature_2m":"°C","wind_speed_10m":"m/s"},"hourly":{
"time":[1732060800,1732064400,1732068000],"temperature_2m":[10.10,null,12.0],"relative_humidity_2m":[80,null,70],
"pressure_msl":[1010.0,null,1011.5],"wind_speed_10m":[1.0,null,null],"weather_code":[0,null,95],"cloud_cover":[0,null,88]}})";

std::string reason(std::string_view body, std::size_t places = 1) {
  const auto replies = parse_open_meteo_current(body, places);
  REQUIRE(replies.size() == places);
  for (const PlaceReply& reply : replies) CHECK(reply.readings.empty());
  return replies[0].reason;
}

}  // namespace

TEST_CASE("one place answers with an object") {
  const auto replies = parse_open_meteo_current(athens, 1);
  REQUIRE(replies.size() == 1);
  REQUIRE(replies[0].ok());
  const Reading& reading = replies[0].readings.at(0);
  CHECK(format_time(reading.time) == "2024-11-20T08:00:00Z");
  CHECK(reading.temperature_c == "14.30");
  CHECK(reading.humidity == "61");
  CHECK(reading.pressure == "1012.4");
  CHECK(reading.wind_speed == "3.02");
  CHECK(reading.weather == "light rain");
  using Pairs = std::vector<std::pair<std::string, std::string>>;
  CHECK(reading.extras == Pairs{{"weather_code", "61"},
                                {"latitude", "37.9375"},
                                {"longitude", "23.75"},
                                {"elevation", "66.0"},
                                {"utc_offset_s", "0"}});
}

TEST_CASE("several places answer with an array, in their order") {
  const auto replies = parse_open_meteo_current("[" + athens + ",\n" + oslo + "]\n", 2);
  REQUIRE(replies.size() == 2);
  REQUIRE(replies[1].ok());
  const Reading& reading = replies[1].readings.at(0);
  CHECK(reading.temperature_c == "-4.1");
  CHECK(reading.humidity.empty());
  CHECK(reading.wind_speed.empty());
  CHECK(reading.weather.empty());  // WMO's code 4 is not one of Open-Meteo's
  CHECK(reading.extras.at(0) == std::pair<std::string, std::string>("weather_code", "4"));
  CHECK(reading.extras.at(1) == std::pair<std::string, std::string>("is_day", "1"));
}

TEST_CASE("one bad place does not spoil the others") {
  const auto replies = parse_open_meteo_current("[" + athens + R"(,{"latitude":1},)" + oslo + "]", 3);
  REQUIRE(replies.size() == 3);
  CHECK(replies[0].ok());
  CHECK(replies[1].reason == "no object current");
  CHECK(replies[2].ok());
}

TEST_CASE("a reply for other places than asked for is refused whole") {
  CHECK(reason("[" + athens + "]", 2) == "the reply is for 1 places, not 2");
  CHECK(reason(athens, 2) == "the reply is for one place only");
}

TEST_CASE("an array for one place is taken as well") {
  CHECK(parse_open_meteo_current("[" + athens + "]", 1).at(0).ok());
}

TEST_CASE("an invalid reply for the current weather has its reason") {
  CHECK(reason(R"({"error":true,"reason":"Parameter 'latitude' is missing"})") ==
        "the provider reports: Parameter 'latitude' is missing");
  CHECK(reason("") == "an empty reply");
  CHECK(reason("busy").starts_with("unexpected JSON"));
  CHECK(reason("[{}").starts_with("unexpected JSON"));
  CHECK(reason("{}") == "no object current");
  CHECK(reason(R"({"current":{"time":"2024-11-20T08:00"}})") == "current.time is not a Unix time");
  CHECK(reason(R"({"current":{"time":1}})") == "no value current.temperature_2m");
  CHECK(reason(R"({"current":{"time":1,"temperature_2m":"warm"}})") == "current.temperature_2m is not a number");
  CHECK(reason(R"({"current_units":{"wind_speed_10m":"km/h"},"current":{"time":1,"temperature_2m":1}})") ==
        "wind_speed_10m is in km/h, not m/s");
  CHECK(reason(R"({"current_units":{"temperature_2m":"°F"},"current":{"time":1,"temperature_2m":1}})") ==
        "temperature_2m is in °F, not °C");
}

TEST_CASE("hourly history: a reading an hour, empty hours left out") {
  const auto replies = parse_open_meteo_hourly(hours, 1);
  REQUIRE(replies.size() == 1);
  REQUIRE(replies[0].reason == "");
  const auto& readings = replies[0].readings;
  REQUIRE(readings.size() == 2);
  CHECK(format_time(readings[0].time) == "2024-11-20T00:00:00Z");
  CHECK(readings[0].temperature_c == "10.10");
  CHECK(readings[0].weather == "clear sky");
  CHECK(format_time(readings[1].time) == "2024-11-20T02:00:00Z");
  CHECK(readings[1].pressure == "1011.5");
  CHECK(readings[1].wind_speed.empty());
  CHECK(readings[1].weather == "thunderstorm");
  CHECK(readings[1].extras.at(1) == std::pair<std::string, std::string>("cloud_cover", "88"));
}

TEST_CASE("hourly history that does not fit together is refused") {
  const auto why = [](std::string_view body) { return parse_open_meteo_hourly(body, 1).at(0).reason; };
  CHECK(why(athens) == "no object hourly");
  CHECK(why(R"({"hourly":{"temperature_2m":[1]}})") == "no array hourly.time");
  CHECK(why(R"({"hourly":{"time":[1,2],"temperature_2m":[1]}})") ==
        "hourly.temperature_2m is not as long as hourly.time");
  CHECK(why(R"({"hourly":{"time":[1,"x"],"temperature_2m":[1,2]}})") ==
        "hourly.time holds something else than Unix times");
  CHECK(why(R"({"hourly":{"time":[1],"temperature_2m":7}})") == "hourly.temperature_2m is not an array");
  CHECK(why(R"({"hourly":{"time":[1],"temperature_2m":["x"]}})") == "hourly.temperature_2m is not a number");
  CHECK(why(R"({"hourly":{"time":[]}})").empty());
}

TEST_CASE("codes have OpenWeatherMap's descriptions") {
  CHECK(description_of_wmo_code(0) == "clear sky");
  CHECK(description_of_wmo_code(67) == "freezing rain");
  CHECK(description_of_wmo_code(99) == "thunderstorm with heavy hail");
  CHECK(description_of_wmo_code(100).empty());
  CHECK(description_of_wmo_code(-1).empty());
}

TEST_CASE("places of the geocoder") {
  const auto reply = parse_open_meteo_places(
      R"({"results":[{"id":264371,"name":"Athens","latitude":37.98376,"longitude":23.72784,"elevation":42.0,"country_code":"GR",
          "admin1":"Attica"}],"generationtime_ms":0.6})");
  REQUIRE(reply.ok());
  CHECK(reply.places.at(0).name == "Athens");
  CHECK(reply.places.at(0).latitude == "37.98376");
  CHECK(reply.places.at(0).country == "GR");
  CHECK(reply.places.at(0).region == "Attica");
  CHECK(parse_open_meteo_places(R"({"generationtime_ms":0.6})").reason == "no such place");
  CHECK(parse_open_meteo_places(R"({"results":[]})").reason == "no such place");
  CHECK(parse_open_meteo_places(R"({"results":7})").reason.starts_with("unexpected JSON"));
  const auto broken = parse_open_meteo_places(R"({"results":[{"name":"Athens","latitude":1,"longitude":2}']})");
  CHECK_FALSE(broken.ok());
  CHECK(broken.places.empty());
  CHECK(parse_open_meteo_places(R"({"error":true,"reason":"no name"})").reason == "the provider reports: no name");
  CHECK(parse_open_meteo_places("x").reason.starts_with("unexpected JSON"));
}
