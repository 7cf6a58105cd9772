// Parsers for the replies of weather providers: bytes in, readings out. Requests are made by net/http and the tool.
//
// Every parser takes any bytes. For a reply that it cannot use it gives a reason: one line of printable text that can
// follow the city's name in a message, such as `no field main.temp`, `not JSON` or `the provider reports: city not
// found`.
#pragma once
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "weather/reading.hpp"

namespace weir::weather {

/// Readings of one place, oldest first, or the reason for none.
struct PlaceReply {
  std::vector<Reading> readings;
  std::string reason;  ///< empty when the reply is good
  bool ok() const { return reason.empty(); }
};

/// A place that a geocoder found. Coordinates are the digits of the reply.
struct Place {
  std::string name;
  std::string latitude;
  std::string longitude;
  std::string country;  ///< ISO 3166 code; may be empty
  std::string region;   ///< state or region; may be empty
};

/// Places, best first, or the reason for none (`no such place` for an empty list).
struct PlacesReply {
  std::vector<Place> places;
  std::string reason;
  bool ok() const { return reason.empty(); }
};

/// The part of OpenWeatherMap's query (/data/2.5/weather) that asks for °C, hPa and m/s.
inline constexpr std::string_view openweathermap_units = "units=metric";

/// OpenWeatherMap's /data/2.5/weather with `units=metric`: one reading, of `dt`. Only `dt` and `main.temp` are
/// required. Several entries of `weather` are joined by `, `.
///
/// Extras, where the reply has them, in this order: feels_like_c, temp_min_c, temp_max_c, sea_level, grnd_level,
/// visibility, wind_deg, wind_gust, clouds, rain_1h, rain_3h, snow_1h, snow_3h, weather_id, latitude, longitude,
/// country, sunrise, sunset (RFC 3339), utc_offset_s, place_id, place.
PlaceReply parse_openweathermap(std::string_view body);

/// OpenWeatherMap's /geo/1.0/direct.
PlacesReply parse_openweathermap_places(std::string_view body);

/// The variables to request from Open-Meteo (`current=` or `hourly=`), with `timeformat=unixtime&wind_speed_unit=ms`.
inline constexpr std::string_view open_meteo_variables =
    "temperature_2m,relative_humidity_2m,pressure_msl,wind_speed_10m,weather_code";
inline constexpr std::string_view open_meteo_units = "wind_speed_unit=ms&timeformat=unixtime";

/// Open-Meteo's /v1/forecast?current=… for `places` coordinates: one reading for each, in their order. The reply is an
/// object for one coordinate, an array for several.
///
/// Extras: every other variable of `current` under its own name, then latitude, longitude, elevation, utc_offset_s.
std::vector<PlaceReply> parse_open_meteo_current(std::string_view body, std::size_t places);

/// Open-Meteo's /v1/forecast?past_days=…&hourly=…: the hours of each coordinate, oldest first, without empty hours. The
/// reply runs to the end of today or later; the caller drops the hours of the future, which are forecasts.
///
/// Extras: every other variable of `hourly` under its own name.
std::vector<PlaceReply> parse_open_meteo_hourly(std::string_view body, std::size_t places);

/// Open-Meteo's geocoder, /v1/search.
PlacesReply parse_open_meteo_places(std::string_view body);

/// The reason in an error reply of either provider (`message` or `reason`): one printable line of at most 200 bytes;
/// empty when there is none.
std::string provider_message(std::string_view body);

/// The description of a code of WMO table 4677 as Open-Meteo uses it (0 to 99), in OpenWeatherMap's manner; empty for
/// an unknown code.
std::string_view description_of_wmo_code(int code);

}  // namespace weir::weather
