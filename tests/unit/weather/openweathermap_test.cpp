#include "catch.hpp"
#include "time/timestamp.hpp"
#include "weather/providers.hpp"

using namespace weir;
using namespace weir::weather;

namespace {

constexpr std::string_view whole =
    R"({"coord":{"lon":10.99,"lat":44.34},"weather":[{"id":501,"main":"Rain","description":"moderate rain","icon":"10d"}],
"base":"stations","main":{"temp":25.30,"feels_like":25.59,"temp_min":24.41,"temp_max":26.90,"pressure":1015,"humidity":64,
"sea_level":1015,"grnd_level":933},"visibility":10000,"wind":{"speed":0.62,"deg":349,"gust":1.18},"rain":{"1h":3.16},
"clouds":{"all":100},"dt":1661870592,"sys":{"type":2,"id":2075663,"country":"IT","sunrise":1661834187,"sunset":1661882248},
"timezone":7200,"id":3163858,"name":"Zocca","cod":200})";

std::string record(const PlaceReply& reply, Extras extras = Extras::leave_out) {
  std::string out;
  for (const auto& reading : reply.readings) append_reading(out, "Zocca", reading, extras);
  return out;
}

std::string reason(std::string_view body) {
  const PlaceReply reply = parse_openweathermap(body);
  CHECK(reply.readings.empty());
  CHECK_FALSE(reply.ok());
  return reply.reason;
}

}  // namespace

TEST_CASE("a whole reply becomes a record, digit for digit") {
  const PlaceReply reply = parse_openweathermap(whole);
  REQUIRE(reply.ok());
  CHECK(record(reply) ==
        R"({"timestamp":"2022-08-30T14:43:12Z","city":"Zocca","temperature_c":25.30,"humidity":64,"pressure":1015,)"
        R"("wind_speed":0.62,"weather":"moderate rain"})"
        "\n");
}

TEST_CASE("the rest of the reply, when asked for") {
  CHECK(
      record(parse_openweathermap(whole), Extras::append) ==
      R"({"timestamp":"2022-08-30T14:43:12Z","city":"Zocca","temperature_c":25.30,"humidity":64,"pressure":1015,)"
      R"("wind_speed":0.62,"weather":"moderate rain","feels_like_c":25.59,"temp_min_c":24.41,"temp_max_c":26.90,)"
      R"("sea_level":1015,"grnd_level":933,"visibility":10000,"wind_deg":349,"wind_gust":1.18,"clouds":100,"rain_1h":3.16,)"
      R"("weather_id":501,"latitude":44.34,"longitude":10.99,"country":"IT","sunrise":"2022-08-30T04:36:27Z",)"
      R"("sunset":"2022-08-30T17:57:28Z","utc_offset_s":7200,"place_id":3163858,"place":"Zocca"})"
      "\n");
}

TEST_CASE("optional parts may be absent or null") {
  const PlaceReply reply = parse_openweathermap(R"({"dt":1,"main":{"temp":-0.0,"humidity":null},"wind":{}})");
  REQUIRE(reply.ok());
  CHECK(record(reply, Extras::append) ==
        R"({"timestamp":"1970-01-01T00:00:01Z","city":"Zocca","temperature_c":-0.0,"humidity":null,"pressure":null,)"
        R"("wind_speed":null,"weather":null})"
        "\n");
}

TEST_CASE("several entries of weather, the main one first") {
  const PlaceReply reply = parse_openweathermap(
      R"({"dt":1,"main":{"temp":1},"weather":[{"id":701,"description":"mist"},{"id":500,"description":"light \u0072ain"}]})");
  REQUIRE(reply.ok());
  CHECK(reply.readings[0].weather == "mist, light rain");
}

TEST_CASE("an empty or wordless weather is not known") {
  CHECK(parse_openweathermap(R"({"dt":1,"main":{"temp":1},"weather":[]})").readings.at(0).weather.empty());
  CHECK(parse_openweathermap(R"({"dt":1,"main":{"temp":1},"weather":[{"id":1}]})").readings.at(0).weather.empty());
}

TEST_CASE("cod is a number or a string, and marks errors") {
  CHECK(parse_openweathermap(R"({"cod":"200","dt":1,"main":{"temp":1}})").ok());
  CHECK(reason(R"({"cod":"404","message":"city not found"})") == "the provider reports: city not found");
  CHECK(reason(R"({"cod":401,"message":"Invalid API key."})") == "the provider reports: Invalid API key.");
  CHECK(reason(R"({"cod":500})") == "the provider reports: code 500");
}

TEST_CASE("an unexpected reply has its reason") {
  CHECK(reason("") == "unexpected JSON: no JSON");
  CHECK(reason("<html>502 Bad Gateway</html>") == "unexpected JSON: not a JSON object");
  CHECK(reason("[]") == "unexpected JSON: not a JSON object");
  CHECK(reason("{}") == "no field dt");
  CHECK(reason(R"({"dt":"soon","main":{"temp":1}})") == "dt is not a Unix time");
  CHECK(reason(R"({"dt":1e300,"main":{"temp":1}})") == "dt is not a Unix time");
  CHECK(reason(R"({"dt":1})") == "no field main.temp");
  CHECK(reason(R"({"dt":1,"main":[1,2]})") == "no field main.temp");
  CHECK(reason(R"({"dt":1,"main":{"temp":null}})") == "no field main.temp");
  CHECK(reason(R"({"dt":1,"main":{"temp":"12"}})") == "main.temp is not a number");
  CHECK(reason(R"({"dt":1,"main":{"temp":1e999}})") == "main.temp is not a number");
  CHECK(reason(R"({"dt":1,"main":{"temp":)" + std::string(65, '1') + "}}") == "main.temp is not a number");
  CHECK(reason(R"({"dt":1,"main":{"temp":1},"wind":{"speed":{}}})") == "wind.speed is not a number");
  CHECK(reason(R"({"dt":1,"main":{"temp":1},"weather":"rain"})") == "weather is not an array");
  CHECK(reason(R"({"dt":1,"main":{"temp":1},"weather":[1]})") == "weather has an element that is not an object");
}

TEST_CASE("a reply that breaks off is refused at every byte") {
  for (std::size_t length = 0; length + 1 < whole.size(); ++length) {
    INFO(length);
    CHECK_FALSE(parse_openweathermap(whole.substr(0, length)).ok());
  }
}

TEST_CASE("the provider's reason is one line of bounded length") {
  CHECK(provider_message(R"({"message":"two\nlines\tand \u0000"})") == "two lines and  ");
  CHECK(provider_message(R"({"error":true,"reason":"Latitude must be in range"})") == "Latitude must be in range");
  CHECK(provider_message("not JSON").empty());
  CHECK(provider_message(R"({"message":7})").empty());
  CHECK(provider_message("{\"message\":\"" + std::string(199, 'x') + "\xc3\xa9\"}") == std::string(199, 'x'));
}

TEST_CASE("geocoded places") {
  const auto reply = parse_openweathermap_places(
      R"([{"name":"London","local_names":{"en":"London"},"lat":51.5073219,"lon":-0.1276474,"country":"GB","state":"England"},
          {"name":"City of London","lat":51.5156177,"lon":-0.0919983,"country":"GB"}])");
  REQUIRE(reply.ok());
  REQUIRE(reply.places.size() == 2);
  CHECK(reply.places[0].name == "London");
  CHECK(reply.places[0].latitude == "51.5073219");
  CHECK(reply.places[0].longitude == "-0.1276474");
  CHECK(reply.places[0].country == "GB");
  CHECK(reply.places[0].region == "England");
  CHECK(reply.places[1].region.empty());
  CHECK(parse_openweathermap_places("[]").reason == "no such place");
  CHECK(parse_openweathermap_places(R"([{"name":"x"}])").reason == "a place without coordinates");
  CHECK(parse_openweathermap_places(R"({"cod":401,"message":"no key"})").reason == "the provider reports: no key");
  CHECK(parse_openweathermap_places("[1,").reason.starts_with("unexpected JSON"));
}
