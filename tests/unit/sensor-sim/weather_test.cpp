#include <chrono>
#include <cmath>
#include <map>
#include <string>

#include "catch.hpp"
#include "record/parser.hpp"
#include "sensor_scene.hpp"
#include "weather/phenomena.hpp"
#include "weather_scene.hpp"

using namespace std::chrono_literals;
using namespace weir::sensor_sim;

namespace {

constexpr weir::Time start{std::chrono::sys_days{std::chrono::year{2026} / 1 / 1}};

std::string play(weir::sensor_sim::Scene& scene, int steps, weir::Duration step) {
  std::string out;
  for (int i = 0; i < steps; ++i) {
    scene.begin_step(start + i * step);
    for (std::size_t s = 0; s < scene.size(); ++s) scene.append(s, out);
  }
  return out;
}

std::string weather(const std::vector<City>& cities, std::uint64_t seed, int steps = 100, double gaps = 0) {
  WeatherScene scene(cities, seed, 1h, gaps);
  return play(scene, steps, 1h);
}

/// The lines that contain the text.
std::string only(const std::string& lines, std::string_view text) {
  std::string found;
  for (std::size_t at = 0; at < lines.size();) {
    const std::size_t end = lines.find('\n', at) + 1;
    if (lines.substr(at, end - at).find(text) != std::string::npos) found += lines.substr(at, end - at);
    at = end;
  }
  return found;
}

/// A year of hours of one city.
struct Year {
  explicit Year(const City& city) {
    const WeatherMemories memories(1h);
    WeatherModel model(city, 5, memories);
    for (int hour = 0; hour < 8766; ++hour) {
      const WeatherReading r = model.next(start + hour * 1h);
      const double t = static_cast<double>(r.temperature_hundredths) / 100;
      mean += t / 8766;
      if (hour < 31 * 24) january += t / (31 * 24);
      if (hour >= 181 * 24 && hour < 212 * 24) july += t / (31 * 24);
      lowest = std::min(lowest, t);
      highest = std::max(highest, t);
      wind += static_cast<double>(r.wind_hundredths) / 100 / 8766;
      pressure += static_cast<double>(r.pressure) / 8766;
      const auto seen = weir::weather::phenomena_in(r.weather);
      using P = weir::weather::Phenomenon;
      if (seen.any_of({P::rain, P::drizzle, P::snow, P::sleet})) wet += 1.0 / 8766;
      const int solar_hour = hour % 24;
      by_hour[solar_hour] += t / (8766.0 / 24);
      readings.push_back(r);
    }
  }
  double mean = 0;
  double january = 0;
  double july = 0;
  double lowest = 100;
  double highest = -100;
  double wind = 0;
  double pressure = 0;
  double wet = 0;
  std::map<int, double> by_hour;
  std::vector<WeatherReading> readings;
};

}  // namespace

TEST_CASE("the same seed gives the same records, another one others") {
  CHECK(weather(first_cities(5), 1) == weather(first_cities(5), 1));
  CHECK(weather(first_cities(5), 1) != weather(first_cities(5), 2));
}

TEST_CASE("a city's weather does not depend on the other cities") {
  CHECK(only(weather(first_cities(5), 1), "\"Tokyo\"") == weather({city_named("Tokyo")}, 1));
}

TEST_CASE("records have owm-poll's fields in its order") {
  weir::FieldSet fields;
  fields.read_members();
  weir::RecordParser parser(fields);
  const std::string out = weather({city_named("Quito \"the high\"")}, 1, 1);
  const weir::Record* record = parser.parse_copy(std::string_view(out).substr(0, out.size() - 1), 1);
  REQUIRE(record != nullptr);
  std::string names;
  for (const auto& member : record->members()) names += std::string(member.key) + ' ';
  CHECK(names == "timestamp city temperature_c humidity pressure wind_speed weather ");
  CHECK(record->members()[0].value.text == "2026-01-01T00:00:00Z");
  CHECK(record->members()[1].value.text == "Quito \"the high\"");
}

TEST_CASE("gaps take values away and change none") {
  const std::string whole = weather(first_cities(3), 1, 2000);
  const std::string gappy = weather(first_cities(3), 1, 2000, 0.1);
  std::size_t nulls = 0;
  std::size_t a = 0;
  std::size_t b = 0;
  while (a < whole.size() && b < gappy.size()) {
    if (whole[a] == gappy[b]) {
      ++a;
      ++b;
      continue;
    }
    REQUIRE(gappy.compare(b, 4, "null") == 0);
    b += 4;
    while (whole[a] != ',') ++a;
    ++nulls;
  }
  CHECK(a == whole.size());
  CHECK(b == gappy.size());
  CHECK(std::abs(static_cast<double>(nulls) / (2000 * 3 * 4) - 0.1) < 0.01);
  CHECK(weather(first_cities(1), 1, 1, 1)
            .find(R"("temperature_c":null,"humidity":null,"pressure":null,"wind_speed":null)") != std::string::npos);
}

TEST_CASE("gaps come in runs of three on average, and are a city's own") {
  const std::string out = only(weather(first_cities(2), 1, 20'000, 0.05), "\"London\"");
  std::size_t nulls = 0;
  std::size_t runs = 0;
  bool before = false;
  for (std::size_t at = 0; at < out.size(); at = out.find('\n', at) + 1) {
    const std::size_t value = out.find("\"pressure\":", at) + 11;
    const bool missing = out.compare(value, 4, "null") == 0;
    nulls += missing ? 1U : 0U;
    runs += missing && !before ? 1U : 0U;
    before = missing;
  }
  CHECK(std::abs(static_cast<double>(nulls) / 20'000 - 0.05) < 0.01);
  CHECK(std::abs(static_cast<double>(nulls) / static_cast<double>(runs) - 3) < 0.4);
  CHECK(out == weather({city_named("London")}, 1, 20'000, 0.05));
}

TEST_CASE("every city of the table has a plausible year") {
  double surplus = 0;
  for (const City& city : first_cities(44)) {
    INFO(city.name);
    const Year year(city);
    CHECK(year.lowest > -45);
    CHECK(year.highest < 50);
    CHECK(year.mean > -5);
    CHECK(year.mean < 30);
    CHECK(std::abs(year.pressure - 1014) < 3);
    CHECK(year.wind > 1.5);
    CHECK(year.wind < 5);
    CHECK(std::abs(year.wet - city.wetness) < 0.07);  // one year is wetter than another
    surplus += (year.wet - city.wetness) / 44;
    if (city.latitude > 25) CHECK(year.july > year.january + 4);
    if (city.latitude < -25) CHECK(year.january > year.july + 4);
  }
  CHECK(std::abs(surplus) < 0.01);
}

TEST_CASE("it is warmest in the afternoon of the sun, coldest before dawn") {
  const Year year(city_named("London"));  // at the meridian of Greenwich: UTC is the sun's time
  int warmest = 0;
  int coldest = 0;
  for (const auto& [hour, mean] : year.by_hour) {
    if (mean > year.by_hour.at(warmest)) warmest = hour;
    if (mean < year.by_hour.at(coldest)) coldest = hour;
  }
  CHECK(warmest >= 14);
  CHECK(warmest <= 16);
  CHECK(coldest >= 2);
  CHECK(coldest <= 4);
}

TEST_CASE("the description agrees with the values") {
  using P = weir::weather::Phenomenon;
  for (const char* name : {"Oslo", "Singapore", "Dubai"}) {
    for (const WeatherReading& r : Year(city_named(name)).readings) {
      const auto seen = weir::weather::phenomena_in(r.weather);
      const double t = static_cast<double>(r.temperature_hundredths) / 100;
      INFO(name << ' ' << r.weather << ' ' << t << " °C " << r.humidity << " %");
      REQUIRE_FALSE(r.weather.empty());
      REQUIRE(r.humidity >= 4);
      REQUIRE(r.humidity <= 100);
      REQUIRE(r.wind_hundredths >= 0);
      if (seen.any_of({P::snow})) REQUIRE(t < 1.51);
      if (seen.any_of({P::rain}) && !seen.any_of({P::snow, P::freezing})) REQUIRE(t > 0.49);
      if (seen.any_of({P::thunderstorm})) REQUIRE(t > 16.99);
      if (seen.any_of({P::fog})) REQUIRE(r.humidity >= 97);
      if (seen.any_of({P::mist})) REQUIRE(r.humidity >= 88);
    }
  }
}

TEST_CASE("weather by the minute is as plausible as by the hour") {
  const WeatherMemories memories(1min);
  WeatherModel model(city_named("Chicago"), 1, memories);
  double before = 0;
  double largest = 0;
  for (int i = 0; i < 10'000; ++i) {
    const double pressure = static_cast<double>(model.next(start + i * 1min).pressure);
    if (i > 0) largest = std::max(largest, std::abs(pressure - before));
    before = pressure;
  }
  CHECK(largest <= 4);
}

TEST_CASE("cities beyond the table have names and climates, the same ones every time") {
  const auto cities = first_cities(60);
  CHECK(cities[0].name == "Athens");
  CHECK(cities[56].name == "City 57");
  CHECK(cities[56].latitude == city_named("City 57").latitude);
  CHECK(cities[57].latitude != cities[56].latitude);
  CHECK(first_cities(3)[2].name == cities[2].name);
}

TEST_CASE("plain sensors: one value a record") {
  weir::sensor_sim::SensorScene scene(5, 1, 1s, 0);
  const std::string out = play(scene, 2, 1s);
  CHECK(only(out, "\"s00002\"")
            .starts_with(R"({"timestamp":"2026-01-01T00:00:00Z","sensor":"s00002","parameter":"humidity","value":)"));
  CHECK(only(out, "\"s00005\"").find(R"("parameter":"temperature_c")") != std::string::npos);
  CHECK(std::count(out.begin(), out.end(), '\n') == 10);
  weir::sensor_sim::SensorScene more(50, 1, 1s, 0);
  CHECK(only(play(more, 2, 1s), "\"s00002\"") == only(out, "\"s00002\""));
}
