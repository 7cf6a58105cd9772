// The replies of weather providers, as bytes, turned into readings. Nothing here asks: that is net/http's and the
// tool's.
//
// Every parser takes any bytes. What is not the reply it should be gives a reason in a few words, fit for a message
// behind the city's name: `no field main.temp`, `not JSON`, `the provider says: city not found`. Reasons are one line
// of printable text.
#pragma once
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "weather/reading.hpp"

namespace weir::weather {

/// Readings of one place, oldest first, or why there are none.
struct PlaceReply {
  std::vector<Reading> readings;
  std::string reason;  ///< empty when all is well
  bool ok() const { return reason.empty(); }
};

/// A place that a geocoder found. Coordinates are the digits of the reply.
struct Place {
  std::string name;
  std::string latitude;
  std::string longitude;
  std::string country;  ///< ISO 3166 code, or empty
  std::string region;   ///< state or the like, or empty
};

/// Places, best first, or why there are none (`reason` is `no such place` for an empty list).
struct PlacesReply {
  std::vector<Place> places;
  std::string reason;
  bool ok() const { return reason.empty(); }
};

/// What to ask OpenWeatherMap for so that its numbers are in °C, hPa and m/s: a part of the query of /data/2.5/weather.
inline constexpr std::string_view openweathermap_units = "units=metric";

/// OpenWeatherMap's /data/2.5/weather, asked with `units=metric`: one reading, of `dt`. Only `dt` and `main.temp` must
/// be there. Several entries of `weather` are joined by `, `. Extras, those that the reply has, in this order:
/// feels_like_c, temp_min_c, temp_max_c, sea_level, grnd_level, visibility, wind_deg, wind_gust, clouds, rain_1h,
/// rain_3h, snow_1h, snow_3h, weather_id, latitude, longitude, country, sunrise, sunset (RFC 3339), utc_offset_s,
/// place_id, place.
PlaceReply parse_openweathermap(std::string_view body);

/// OpenWeatherMap's /geo/1.0/direct.
PlacesReply parse_openweathermap_places(std::string_view body);

/// The variables to ask Open-Meteo for (`current=` or `hourly=`), with `timeformat=unixtime&wind_speed_unit=ms`.
inline constexpr std::string_view open_meteo_variables =
    "temperature_2m,relative_humidity_2m,pressure_msl,wind_speed_10m,weather_code";
inline constexpr std::string_view open_meteo_units = "wind_speed_unit=ms&timeformat=unixtime";

/// Open-Meteo's /v1/forecast?current=…, asked for `places` coordinates: an answer for each, in their order, of one
/// reading each. The reply is an object for one coordinate, an array for several. Extras: every other variable of
/// `current` under its own name, then latitude, longitude, elevation, utc_offset_s.
std::vector<PlaceReply> parse_open_meteo_current(std::string_view body, std::size_t places);

/// Open-Meteo's /v1/forecast?past_days=…&hourly=…: for each coordinate its hours, oldest first. Hours without any value
/// are left out. The reply runs to the end of today or later: hours that are still to come are forecasts, and the
/// caller's to drop. Extras: every other variable of `hourly` under its own name.
std::vector<PlaceReply> parse_open_meteo_hourly(std::string_view body, std::size_t places);

/// Open-Meteo's geocoder, /v1/search.
PlacesReply parse_open_meteo_places(std::string_view body);

/// What an error reply of either provider says (`message` or `reason`), one line of printable text of 200 bytes at
/// most; empty when it says nothing.
std::string provider_message(std::string_view body);

/// The words for a code of WMO table 4677 as Open-Meteo uses it (0 to 99), in OpenWeatherMap's manner; empty for a code
/// that is not in use.
std::string_view words_of_wmo_code(int code);

}  // namespace weir::weather
