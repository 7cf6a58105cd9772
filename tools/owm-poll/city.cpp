#include "city.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <stdexcept>

#include "record/json_text.hpp"
#include "record/number.hpp"

namespace weir::owm_poll {
namespace {

constexpr std::size_t longest_name = 200;  // bytes; the name becomes part of a URL

std::string_view trim(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t' || text.back() == '\r')) text.remove_suffix(1);
  return text;
}

std::string degrees(std::string_view text, double limit, std::string_view what) {
  const auto value = parse_json_number(text);
  if (!value || text.size() > 32) throw std::invalid_argument(fmt::format("'{}' is not a {} in degrees", text, what));
  if (std::abs(*value) > limit)
    throw std::invalid_argument(fmt::format("the {} {} is beyond {} degrees", what, text, limit));
  return std::string(text);
}

}  // namespace

City parse_city(std::string_view text) {
  text = trim(text);
  if (!is_utf8(text)) throw std::invalid_argument("the name of a city is not UTF-8");
  if (std::any_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }))
    throw std::invalid_argument("the name of a city holds a control character");
  City city;
  const auto at = text.rfind('@');
  city.name = trim(text.substr(0, at));
  if (city.name.empty()) throw std::invalid_argument("a city without a name");
  if (city.name.size() > longest_name)
    throw std::invalid_argument(fmt::format("the name of a city is longer than {} bytes", longest_name));
  if (at == std::string_view::npos) return city;
  const std::string_view place = text.substr(at + 1);
  const auto comma = place.find(',');
  if (comma == std::string_view::npos)
    throw std::invalid_argument(fmt::format("'{}': expected NAME@latitude,longitude", text));
  city.place = Coordinates{degrees(trim(place.substr(0, comma)), 90, "latitude"),
                           degrees(trim(place.substr(comma + 1)), 180, "longitude")};
  return city;
}

std::vector<City> parse_city_lines(std::string_view text) {
  std::vector<City> cities;
  for (int number = 1; !text.empty(); ++number) {
    const auto end = std::min(text.find('\n'), text.size());
    const std::string_view line = trim(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
    if (line.empty() || line.front() == '#') continue;
    try {
      add_city(cities, parse_city(line));
    } catch (const std::invalid_argument& problem) {
      throw std::invalid_argument(fmt::format("line {}: {}", number, problem.what()));
    }
  }
  return cities;
}

std::vector<std::string> split_city_list(std::string_view text) {
  std::vector<std::string> parts;
  bool wants_longitude = false;
  while (!text.empty()) {
    const auto end = std::min(text.find(','), text.size());
    const std::string_view part = trim(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
    if (part.empty()) continue;
    if (wants_longitude) {
      parts.back() += fmt::format(",{}", part);
      wants_longitude = false;
    } else {
      parts.emplace_back(part);
      wants_longitude = part.find('@') != std::string_view::npos;
    }
  }
  return parts;
}

std::vector<City> wanted_cities(const std::vector<std::string>& named, std::string_view file_text,
                                std::string_view variable) {
  std::vector<City> cities;
  for (const std::string& each : named) add_city(cities, parse_city(each));
  for (City& city : parse_city_lines(file_text)) add_city(cities, std::move(city));
  if (cities.empty())
    for (const std::string& each : split_city_list(variable)) add_city(cities, parse_city(each));
  if (cities.empty()) throw std::invalid_argument("no city: name some with --city, --city-file or CITIES");
  return cities;
}

void add_city(std::vector<City>& cities, City city) {
  const auto same = std::ranges::find(cities, city.name, &City::name);
  if (same == cities.end()) {
    cities.push_back(std::move(city));
  } else if (same->place != city.place) {
    throw std::invalid_argument(fmt::format("{} is named twice, with different coordinates", city.name));
  }
}

}  // namespace weir::owm_poll
