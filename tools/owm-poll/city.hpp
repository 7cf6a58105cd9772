// The cities to ask for, as users name them.
#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace weir::owm_poll {

/// A place on earth, in the digits that it was given in.
struct Coordinates {
  std::string latitude;
  std::string longitude;
  bool operator==(const Coordinates&) const = default;
};

/// A city: its name is the record's `city` and, without coordinates, the words that the provider is asked with.
struct City {
  std::string name;
  std::optional<Coordinates> place;
};

/// Reads `NAME` or `NAME@lat,lon` (degrees, north and east positive). Throws std::invalid_argument with the reason.
City parse_city(std::string_view text);

/// Reads a file of cities: one a line, blank lines and lines that begin with # skipped. Throws std::invalid_argument
/// with the line's number and the reason.
std::vector<City> parse_city_lines(std::string_view text);

/// Splits the CITIES variable at its commas, except the one within `NAME@lat,lon`. Parts may be empty no more than
/// blanks are kept.
std::vector<std::string> split_city_list(std::string_view text);

/// The cities that are wanted: those named by flags and those of a file's text or, when there are neither, of the
/// CITIES variable. Throws std::invalid_argument when there are none, or with what is wrong with one.
std::vector<City> wanted_cities(const std::vector<std::string>& named, std::string_view file_text,
                                std::string_view variable);

/// Adds a city unless it is there. Throws std::invalid_argument when one of that name but with other coordinates is
/// there: their records could not be told apart.
void add_city(std::vector<City>& cities, City city);

}  // namespace weir::owm_poll
