// The cities to poll, as users name them.
#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace weir::owm_poll {

/// A place on earth, with coordinates in the digits given.
struct Coordinates {
  std::string latitude;
  std::string longitude;
  bool operator==(const Coordinates&) const = default;
};

/// A city: its name is the record's `city` and, without coordinates, the text of the provider's search.
struct City {
  std::string name;
  std::optional<Coordinates> place;
};

/// Reads `NAME` or `NAME@lat,lon` (degrees, north and east positive). Throws std::invalid_argument with the reason.
City parse_city(std::string_view text);

/// Reads a file of cities: one a line, blank lines and lines that begin with # skipped. Throws std::invalid_argument
/// with the line's number and the reason.
std::vector<City> parse_city_lines(std::string_view text);

/// Splits the CITIES variable at its commas, except the one within `NAME@lat,lon`. Parts without text are dropped.
std::vector<std::string> split_city_list(std::string_view text);

/// The cities to poll: those of flags and of a file's text or, without any, of the CITIES variable. Throws
/// std::invalid_argument without a city, or with the reason why one is invalid.
std::vector<City> wanted_cities(const std::vector<std::string>& named, std::string_view file_text,
                                std::string_view variable);

/// Adds a city unless it is there. Throws std::invalid_argument for the same name with other coordinates: their records
/// could not be told apart.
void add_city(std::vector<City>& cities, City city);

}  // namespace weir::owm_poll
