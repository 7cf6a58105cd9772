#include "weather/advice.hpp"

#include <fstream>
#include <set>
#include <string>
#include <vector>

#include "catch.hpp"

using namespace weir::weather;
using P = weir::weather::Phenomenon;

namespace {

/// The names of the rules that apply, separated by blanks.
std::string rules_for(const Conditions& conditions) {
  std::string names;
  for (const AdviceRule& rule : advice_rules()) {
    if (!rule.applies(conditions, phenomena_in(conditions.weather))) continue;
    if (!names.empty()) names += ' ';
    names += rule.name;
  }
  return names;
}

std::string rules_for(std::string_view weather, double temperature_c = 18) {
  return rules_for(
      {.temperature_c = temperature_c, .humidity = 50, .pressure = 1013, .wind_speed = 2, .weather = weather});
}

}  // namespace

TEST_CASE("phenomena are found by whole words, in any case and in the plural") {
  CHECK(phenomena_in("light intensity shower rain") == Phenomena{P::shower, P::rain});
  CHECK(phenomena_in("Thunderstorm With Light Drizzle") == Phenomena{P::thunderstorm, P::drizzle});
  CHECK(phenomena_in("sand/dust whirls") == Phenomena{P::sand, P::dust});
  CHECK(phenomena_in("squalls, SHOWERS") == Phenomena{P::squall, P::shower});
  CHECK(phenomena_in("volcanic ash") == Phenomena{P::ash});
  CHECK(phenomena_in("drained, snowed under, misty, ashen, foggy").empty());
  CHECK(phenomena_in("").empty());
  CHECK(phenomena_in("sky is clear").empty());
  CHECK(phenomena_in("pluie l\xc3\xa9g\xc3\xa8re").empty());
}

TEST_CASE("each phenomenon of the descriptions has its advice") {
  CHECK(rules_for("sky is clear").empty());
  CHECK(rules_for("broken clouds").empty());
  CHECK(rules_for("light rain") == "umbrella");
  CHECK(rules_for("drizzle") == "umbrella");
  CHECK(rules_for("proximity shower rain") == "umbrella");
  CHECK(rules_for("light shower sleet") == "snow umbrella");
  CHECK(rules_for("rain and snow") == "snow umbrella");
  CHECK(rules_for("light shower snow") == "snow");
  CHECK(rules_for("heavy snow") == "snow");
  CHECK(rules_for("freezing rain") == "ice umbrella");
  CHECK(rules_for("freezing fog") == "fog");
  CHECK(rules_for("proximity thunderstorm") == "storm");
  CHECK(rules_for("thunderstorm with heavy rain") == "storm umbrella");
  CHECK(rules_for("thunderstorm with light hail") == "storm hail");
  CHECK(rules_for("squalls") == "storm");
  CHECK(rules_for("tornado") == "tornado");
  CHECK(rules_for("mist") == "mist");
  CHECK(rules_for("haze") == "mist");
  CHECK(rules_for("fog, mist") == "fog");
  CHECK(rules_for("smoke") == "dust");
  CHECK(rules_for("volcanic ash") == "dust");
}

TEST_CASE("temperature alone, at the edges of its rules") {
  const auto at = [](double temperature) { return rules_for({.temperature_c = temperature, .weather = {}}); };
  CHECK(at(35) == "extreme-heat");
  CHECK(at(34.99) == "heat");
  CHECK(at(30) == "heat");
  CHECK(at(29.99).empty());
  CHECK(at(5.01).empty());
  CHECK(at(5) == "cold");
  CHECK(at(0.01) == "cold");
  CHECK(at(0) == "frost");
  CHECK(at(-14.99) == "frost");
  CHECK(at(-15) == "extreme-cold");
}

TEST_CASE("rain on cold ground freezes") {
  CHECK(rules_for("light rain", 1) == "ice umbrella cold");
  CHECK(rules_for("light rain", 1.01) == "umbrella cold");
  CHECK(rules_for("snow", -3) == "snow frost");
}

TEST_CASE("wind and humidity, at the edges of their rules") {
  CHECK(rules_for({.wind_speed = 10.8, .weather = {}}) == "wind");
  CHECK(rules_for({.wind_speed = 10.79, .weather = {}}).empty());
  CHECK(rules_for({.wind_speed = 20.79, .weather = {}}) == "wind");
  CHECK(rules_for({.wind_speed = 20.8, .weather = {}}) == "gale");
  CHECK(rules_for({.temperature_c = 25, .humidity = 70, .weather = {}}) == "humid");
  CHECK(rules_for({.temperature_c = 24.99, .humidity = 70, .weather = {}}).empty());
  CHECK(rules_for({.temperature_c = 25, .humidity = 69.9, .weather = {}}).empty());
  CHECK(rules_for({.humidity = 20, .weather = {}}) == "dry");
  CHECK(rules_for({.humidity = 20.1, .weather = {}}).empty());
}

TEST_CASE("without known values there is no advice") { CHECK(advice_for({}).empty()); }

TEST_CASE("texts stand in the order of the table") {
  CHECK(advice_for({.temperature_c = 2, .wind_speed = 12, .weather = "light rain"}) ==
        "Take an umbrella. Cold: wear a warm coat. Strong wind: mind loose things and take care on a bicycle.");
}

TEST_CASE("a temperature has its description") {
  CHECK(temperature_message(-15) == "dangerously cold");
  CHECK(temperature_message(0) == "freezing");
  CHECK(temperature_message(0.1) == "cold");
  CHECK(temperature_message(5) == "cold");
  CHECK(temperature_message(15) == "cool");
  CHECK(temperature_message(23) == "mild");
  CHECK(temperature_message(23.01) == "warm");
  CHECK(temperature_message(30) == "hot");
  CHECK(temperature_message(35) == "dangerously hot");
}

TEST_CASE("names are unique and texts are sentences") {
  std::set<std::string_view> names;
  for (const AdviceRule& rule : advice_rules()) {
    CHECK(names.insert(rule.name).second);
    CHECK(rule.text.back() == '.');
    CHECK_FALSE(rule.when.empty());
  }
}

// The manual's table is written by hand: a row is `|  *name*`, `:  condition`, `:  text`.
TEST_CASE("the manual's table of rules is the code's") {
  const std::string here = __FILE__;
  std::ifstream page(here.substr(0, here.rfind("tests/unit/")) + "man/weather-advise.1.scd");
  REQUIRE(page);
  const std::string start = "[[ *Rule*";
  std::string line;
  while (std::getline(page, line) && line != start) continue;
  REQUIRE(line == start);
  std::vector<std::string> in_manual;
  while (std::getline(page, line) && !line.empty()) in_manual.push_back(line);
  std::vector<std::string> in_code{":[ *When*", ":[ *Advice*"};
  for (const AdviceRule& rule : advice_rules()) {
    in_code.push_back("|  *" + std::string(rule.name) + "*");
    in_code.push_back(":  " + std::string(rule.when));
    in_code.push_back(":  " + std::string(rule.text));
  }
  CHECK(in_manual == in_code);
}
