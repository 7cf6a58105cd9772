#include <array>
#include <charconv>

#include "time/timestamp.hpp"
#include "weather/providers.hpp"
#include "weather/reply.hpp"

namespace weir::weather {
namespace {

struct NamedPath {
  std::string_view name;
  std::string_view path;
};

/// The numbers of a reply beside the five of every reading.
constexpr std::array<NamedPath, 13> extra_numbers{{{"feels_like_c", "main.feels_like"},
                                                   {"temp_min_c", "main.temp_min"},
                                                   {"temp_max_c", "main.temp_max"},
                                                   {"sea_level", "main.sea_level"},
                                                   {"grnd_level", "main.grnd_level"},
                                                   {"visibility", "visibility"},
                                                   {"wind_deg", "wind.deg"},
                                                   {"wind_gust", "wind.gust"},
                                                   {"clouds", "clouds.all"},
                                                   {"rain_1h", "rain.1h"},
                                                   {"rain_3h", "rain.3h"},
                                                   {"snow_1h", "snow.1h"},
                                                   {"snow_3h", "snow.3h"}}};

void add_number(Reading& reading, std::string_view name, const Value& value) {
  if (is_number(value)) reading.extras.emplace_back(name, value.raw);
}

void add_text(Reading& reading, std::string_view name, const Value& value) {
  if (value.kind == Kind::string) reading.extras.emplace_back(name, value.raw);
}

void add_time(Reading& reading, std::string_view name, const Value& value) {
  if (const auto time = time_of(value)) reading.extras.emplace_back(name, string_token(format_time(*time)));
}

/// Takes the descriptions and ids of the entries of `weather`, the main one first.
std::string take_weather(const Value& list, Reading& reading, std::string& ids) {
  if (!list.present()) return {};
  if (list.kind != Kind::array) return "weather is not an array";
  std::string reason;
  for (const std::string& token : array_tokens(list.raw, reason)) {
    const ReplyObject entry(token, {"id", "description"});
    if (!entry.ok()) return "weather has an element that is not an object";
    if (const Value& description = entry["description"];
        description.kind == Kind::string && !description.text.empty()) {
      if (!reading.weather.empty()) reading.weather += ", ";
      reading.weather += description.text;
    }
    if (ids.empty() && is_number(entry["id"])) ids = entry["id"].raw;
  }
  return reason;
}

/// OpenWeatherMap writes `cod` as a number or as a string.
bool says_all_is_well(const Value& cod) { return !cod.present() || cod.text == "200"; }

std::string read(const ReplyObject& reply, std::string_view body, Reading& reading) {
  if (!says_all_is_well(reply["cod"])) {
    const std::string message = provider_message(body);
    return "the provider reports: " + (message.empty() ? "code " + printable(reply["cod"].text, 20) : message);
  }
  const auto time = time_of(reply["dt"]);
  if (!time) return reply["dt"].present() ? "dt is not a Unix time" : "no field dt";
  reading.time = *time;
  if (!reply["main.temp"].present()) return "no field main.temp";
  const std::array<std::pair<std::string_view, std::string*>, 4> numbers{{{"main.temp", &reading.temperature_c},
                                                                          {"main.humidity", &reading.humidity},
                                                                          {"main.pressure", &reading.pressure},
                                                                          {"wind.speed", &reading.wind_speed}}};
  for (const auto& [path, into] : numbers)
    if (std::string reason = take_number(reply[path], path, *into); !reason.empty()) return reason;
  std::string weather_id;
  if (std::string reason = take_weather(reply["weather"], reading, weather_id); !reason.empty()) return reason;

  for (const auto& [name, path] : extra_numbers) add_number(reading, name, reply[path]);
  if (!weather_id.empty()) reading.extras.emplace_back("weather_id", weather_id);
  add_number(reading, "latitude", reply["coord.lat"]);
  add_number(reading, "longitude", reply["coord.lon"]);
  add_text(reading, "country", reply["sys.country"]);
  add_time(reading, "sunrise", reply["sys.sunrise"]);
  add_time(reading, "sunset", reply["sys.sunset"]);
  add_number(reading, "utc_offset_s", reply["timezone"]);
  add_number(reading, "place_id", reply["id"]);
  add_text(reading, "place", reply["name"]);
  return {};
}

}  // namespace

PlaceReply parse_openweathermap(std::string_view body) {
  PlaceReply result;
  const ReplyObject reply(body, {"cod",
                                 "dt",
                                 "main.temp",
                                 "main.humidity",
                                 "main.pressure",
                                 "wind.speed",
                                 "weather",
                                 "main.feels_like",
                                 "main.temp_min",
                                 "main.temp_max",
                                 "main.sea_level",
                                 "main.grnd_level",
                                 "visibility",
                                 "wind.deg",
                                 "wind.gust",
                                 "clouds.all",
                                 "rain.1h",
                                 "rain.3h",
                                 "snow.1h",
                                 "snow.3h",
                                 "coord.lat",
                                 "coord.lon",
                                 "sys.country",
                                 "sys.sunrise",
                                 "sys.sunset",
                                 "timezone",
                                 "id",
                                 "name"});
  if (!reply.ok()) {
    result.reason = reply.reason();
    return result;
  }
  Reading reading;
  result.reason = read(reply, body, reading);
  if (result.ok()) result.readings.push_back(std::move(reading));
  return result;
}

PlacesReply parse_openweathermap_places(std::string_view body) {
  PlacesReply result;
  const std::vector<std::string> tokens = array_tokens(body, result.reason);
  if (!result.ok()) {
    if (const std::string message = provider_message(body); !message.empty())
      result.reason = "the provider reports: " + message;
    return result;
  }
  for (const std::string& token : tokens) {
    const ReplyObject place(token, {"name", "lat", "lon", "country", "state"});
    if (!place.ok() || !is_number(place["lat"]) || !is_number(place["lon"])) {
      result.places.clear();
      result.reason = "a place without coordinates";
      return result;
    }
    result.places.push_back({std::string(place["name"].text), std::string(place["lat"].raw),
                             std::string(place["lon"].raw), std::string(place["country"].text),
                             std::string(place["state"].text)});
  }
  if (result.places.empty()) result.reason = "no such place";
  return result;
}

std::string provider_message(std::string_view body) {
  const ReplyObject reply(body, {"message", "reason"});
  if (!reply.ok()) return {};
  for (const std::string_view path : {"message", "reason"})
    if (reply[path].kind == Kind::string) return printable(reply[path].text, 200);
  return {};
}

}  // namespace weir::weather
