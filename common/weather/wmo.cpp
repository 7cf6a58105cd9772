#include <algorithm>
#include <array>

#include "weather/providers.hpp"

namespace weir::weather {
namespace {

struct Description {
  int code;
  std::string_view text;
};

/// The codes that Open-Meteo's documentation lists ("WMO Weather interpretation codes"), which it takes from WMO's
/// table 4677.
constexpr std::array<Description, 28> table{{{0, "clear sky"},
                                             {1, "few clouds"},
                                             {2, "scattered clouds"},
                                             {3, "overcast clouds"},
                                             {45, "fog"},
                                             {48, "freezing fog"},
                                             {51, "light intensity drizzle"},
                                             {53, "drizzle"},
                                             {55, "heavy intensity drizzle"},
                                             {56, "light freezing drizzle"},
                                             {57, "freezing drizzle"},
                                             {61, "light rain"},
                                             {63, "moderate rain"},
                                             {65, "heavy intensity rain"},
                                             {66, "light freezing rain"},
                                             {67, "freezing rain"},
                                             {71, "light snow"},
                                             {73, "snow"},
                                             {75, "heavy snow"},
                                             {77, "snow grains"},
                                             {80, "light intensity shower rain"},
                                             {81, "shower rain"},
                                             {82, "heavy intensity shower rain"},
                                             {85, "light shower snow"},
                                             {86, "heavy shower snow"},
                                             {95, "thunderstorm"},
                                             {96, "thunderstorm with light hail"},
                                             {99, "thunderstorm with heavy hail"}}};

}  // namespace

std::string_view description_of_wmo_code(int code) {
  const auto* found = std::ranges::find(table, code, &Description::code);
  return found == table.end() ? std::string_view() : found->text;
}

}  // namespace weir::weather
