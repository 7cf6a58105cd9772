#include "city.hpp"

#include <stdexcept>
#include <string>

#include "catch.hpp"

using namespace weir::owm_poll;

TEST_CASE("a city is a name, or a name and where it is") {
  CHECK(parse_city("Athens").name == "Athens");
  CHECK_FALSE(parse_city("Athens").place.has_value());
  CHECK(parse_city("  New York,NY,US \r").name == "New York,NY,US");
  const City zocca = parse_city("Zocca@44.340,-10.99");
  CHECK(zocca.name == "Zocca");
  CHECK(zocca.place == Coordinates{"44.340", "-10.99"});  // the digits as given
  const City odd = parse_city("a@b @ 1 , 2");
  CHECK(odd.name == "a@b");
  CHECK(odd.place == Coordinates{"1", "2"});
}

TEST_CASE("an invalid city has its reason") {
  for (const char* bad : {"", "   ", "@1,2", "x@1", "x@", "x@1;2", "x@north,2", "x@1,2,3", "x@91,0", "x@0,-180.5",
                          "x@01,2", "x@+1,2", "x@nan,1", "x@1e400,1", "a\tb", "a\x7f", "\xff"}) {
    CAPTURE(bad);
    CHECK_THROWS_AS(parse_city(bad), std::invalid_argument);
  }
  CHECK_THROWS_AS(parse_city(std::string(201, 'x')), std::invalid_argument);
  CHECK(parse_city(std::string(200, 'x')).name.size() == 200);
}

TEST_CASE("a file of cities: comments and blanks are skipped, a bad line is named") {
  const auto cities = parse_city_lines("# Greece\nAthens,GR\r\n\n  \t\nZocca@44,10\nAthens,GR");
  REQUIRE(cities.size() == 2);
  CHECK(cities[0].name == "Athens,GR");
  CHECK(cities[1].name == "Zocca");
  CHECK(parse_city_lines("").empty());
  std::string reason;
  try {
    parse_city_lines("Athens\n#\nRome@x,1\n");
  } catch (const std::invalid_argument& problem) {
    reason = problem.what();
  }
  CHECK(reason == "line 3: 'x' is not a latitude in degrees");
}

TEST_CASE("CITIES is split at its commas, but not within coordinates") {
  using List = std::vector<std::string>;
  CHECK(split_city_list("Athens,Berlin") == List{"Athens", "Berlin"});
  CHECK(split_city_list(" Athens , ,Zocca@44.3, 10.9 ,Rome,") == List{"Athens", "Zocca@44.3,10.9", "Rome"});
  CHECK(split_city_list("Zocca@44.3") == List{"Zocca@44.3"});
  CHECK(split_city_list(" , ").empty());
}

TEST_CASE("the same city twice is one, and one name for two places is an error") {
  std::vector<City> cities;
  add_city(cities, parse_city("Athens"));
  add_city(cities, parse_city("Athens"));
  add_city(cities, parse_city("Rome@41,12"));
  add_city(cities, parse_city("Rome@41,12"));
  CHECK(cities.size() == 2);
  CHECK_THROWS_AS(add_city(cities, parse_city("Rome@41,13")), std::invalid_argument);
  CHECK_THROWS_AS(add_city(cities, parse_city("Athens@1,2")), std::invalid_argument);
}

TEST_CASE("flags and file together; the variable when there are neither") {
  const auto names = [](const std::vector<City>& cities) {
    std::string all;
    for (const City& city : cities) all += city.name + ";";
    return all;
  };
  CHECK(names(wanted_cities({"B", "A"}, "C\nA\n", "D,E")) == "B;A;C;");
  CHECK(names(wanted_cities({}, "C", "D")) == "C;");
  CHECK(names(wanted_cities({}, "# none\n", "D,E@1,2")) == "D;E;");
  CHECK_THROWS_AS(wanted_cities({}, "", " , "), std::invalid_argument);
}
