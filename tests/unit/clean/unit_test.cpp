#include "clean/unit.hpp"

#include <initializer_list>
#include <stdexcept>
#include <string>

#include "catch.hpp"

using weir::clean::Conversion;
using weir::clean::find_unit;
using weir::clean::unit_of_field;

namespace {

std::string converted(const std::string& number, const char* from, const char* to) {
  REQUIRE(find_unit(from) != nullptr);
  REQUIRE(find_unit(to) != nullptr);
  std::string out;
  if (!Conversion(*find_unit(from), *find_unit(to)).append(out, number)) return "beyond a double";
  return out;
}

struct Case {
  const char* number;
  const char* from;
  const char* to;
  const char* result;
};

void check_conversions(std::initializer_list<Case> cases) {
  for (const auto& [number, from, to, result] : cases) {
    CAPTURE(number, from, to);
    CHECK(converted(number, from, to) == result);
  }
}

std::string field_unit(const char* field) {
  const auto* const unit = unit_of_field(field);
  return unit == nullptr ? "none" : std::string(unit->symbol);
}

}  // namespace

TEST_CASE("a conversion is exact where its result ends") {
  check_conversions({
      {"71.6", "F", "C", "22"},
      {"98.60", "degF", "degC", "37"},
      {"-40", "F", "C", "-40"},
      {"32", "F", "K", "273.15"},
      {"0", "K", "F", "-459.67"},
      {"21.37", "C", "F", "70.466"},
      {"1013.25", "hPa", "atm", "1"},
      {"12345678901234567.891", "m", "mm", "12345678901234567891"},
      {"-0.001", "km", "mm", "-1000"},
      {"0.1", "kWh", "J", "360000"},
      {"30.48", "cm", "ft", "1"},
      {"5", "%", "1", "0.05"},
      {"-0.0", "m", "km", "0"},
  });
}

TEST_CASE("what does not end is rounded to fifteen digits") {
  check_conversions({
      {"70", "F", "C", "21.1111111111111"},
      {"1", "psi", "kPa", "6.89475729316836"},
      {"100", "kPa", "psi", "14.5037737730209"},
      {"1", "in", "ft", "0.0833333333333333"},
      {"-1", "F", "C", "-18.3333333333333"},
      {"1", "kn", "m/s", "0.514444444444444"},
  });
}

TEST_CASE("numbers of many digits, and with an exponent") {
  check_conversions({
      {"1e3", "m", "km", "1"},
      {"2.12e2", "F", "C", "100"},
      {"1e400", "m", "km", "beyond a double"},
      {"1e308", "km", "m", "beyond a double"},
      {"1e308", "F", "C", "5.555555555555556e+307"},
      {"-1e308", "C", "F", "beyond a double"},
      {"99999999999999999999", "psi", "Pa", "689475729316836000000000"},
      {"123456789012345678901", "m", "km", "1.2345678901234568e+17"},
  });
}

TEST_CASE("units by name") {
  CHECK(find_unit("flurb") == nullptr);
  CHECK(find_unit("mw") == nullptr);
  CHECK(find_unit("µg/L") == find_unit("ug/L"));
  CHECK(field_unit("temperature_f") == "degF");
  CHECK(field_unit("temperature_c") == "degC");
  CHECK(field_unit("vibration_mm_s") == "mm/s");
  CHECK(field_unit("wind_km_h") == "km/h");
  CHECK(field_unit("pressure_kpa") == "kPa");
  CHECK(field_unit("power_mw") == "MW");
  CHECK(field_unit("speed") == "none");
  CHECK(field_unit("water_level") == "none");
  CHECK_THROWS_AS(Conversion(*find_unit("m"), *find_unit("s")), std::invalid_argument);
}
