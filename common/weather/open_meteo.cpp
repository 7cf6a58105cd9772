#include <algorithm>
#include <array>
#include <cmath>

#include "weather/providers.hpp"
#include "weather/reply.hpp"

namespace weir::weather {
namespace {

/// Sets the reading's field of that variable. Returns false for a variable that is not one of the five: it is an extra.
/// Sets `reason` when the value has the wrong kind.
bool take_variable(std::string_view name, const Value& value, Reading& reading, std::string& reason) {
  if (name == "temperature_2m") {
    reason = take_number(value, name, reading.temperature_c);
  } else if (name == "relative_humidity_2m") {
    reason = take_number(value, name, reading.humidity);
  } else if (name == "pressure_msl") {
    reason = take_number(value, name, reading.pressure);
  } else if (name == "wind_speed_10m") {
    reason = take_number(value, name, reading.wind_speed);
  } else if (name == "weather_code") {
    std::string digits;
    reason = take_number(value, name, digits);
    const double code = value.number().value_or(-1);
    if (code >= 0 && code <= 99 && code == std::floor(code))
      reading.weather = description_of_wmo_code(static_cast<int>(code));
    return false;  // the code is also an extra
  } else {
    return name == "time" || name == "interval";
  }
  return true;
}

/// The names of a record's own fields, which extras must not use.
constexpr std::array<std::string_view, 7> own_names{"timestamp", "city",       "temperature_c", "humidity",
                                                    "pressure",  "wind_speed", "weather"};

void add_extra(Reading& reading, std::string_view name, const Value& value) {
  const bool scalar = is_number(value) || value.kind == Kind::string || value.kind == Kind::boolean;
  if (scalar && std::ranges::find(own_names, name) == own_names.end()) reading.extras.emplace_back(name, value.raw);
}

/// Units are checked: an answer in km/h or °F would otherwise be taken for m/s or °C.
std::string check_units(const ReplyObject& reply, std::string_view units) {
  const std::string base(units);
  for (const auto& [variable, expected] : {std::pair("temperature_2m", "°C"), std::pair("wind_speed_10m", "m/s")}) {
    const Value& unit = reply[base + "." + variable];
    if (unit.kind == Kind::string && unit.text != expected)
      return std::string(variable) + " is in " + printable(unit.text, 20) + ", not " + expected;
  }
  return {};
}

PlaceReply failure(std::string reason) { return {{}, std::move(reason)}; }

PlaceReply read_current(std::string_view object) {
  const ReplyObject reply(object, {"current", "current_units.temperature_2m", "current_units.wind_speed_10m",
                                   "latitude", "longitude", "elevation", "utc_offset_seconds"});
  if (!reply.ok()) return failure(reply.reason());
  if (reply["current"].kind != Kind::object) return failure("no object current");
  if (std::string reason = check_units(reply, "current_units"); !reason.empty()) return failure(std::move(reason));
  const ReplyObject current(reply["current"].raw, {"time"}, ReplyObject::Members::read);
  if (!current.ok()) return failure(current.reason());
  const auto time = time_of(current["time"]);
  if (!time) return failure("current.time is not a Unix time");
  Reading reading;
  reading.time = *time;
  for (const Member& member : current.members()) {
    std::string reason;
    const bool known = take_variable(member.key, member.value, reading, reason);
    if (!reason.empty()) return failure("current." + reason);
    if (!known) add_extra(reading, member.key, member.value);
  }
  if (reading.temperature_c.empty()) return failure("no value current.temperature_2m");
  for (const std::string_view name : {"latitude", "longitude", "elevation"})
    if (is_number(reply[name])) reading.extras.emplace_back(name, reply[name].raw);
  if (is_number(reply["utc_offset_seconds"]))
    reading.extras.emplace_back("utc_offset_s", reply["utc_offset_seconds"].raw);
  return {{std::move(reading)}, {}};
}

/// The value of a token from array_tokens(), which is valid JSON.
Value value_of(std::string_view token) {
  switch (token.front()) {
    case '"':
      return {Kind::string, token, {}};
    case '{':
      return {Kind::object, token, token};
    case '[':
      return {Kind::array, token, token};
    case 'n':
      return {Kind::null, token, token};
    case 't':
    case 'f':
      return {Kind::boolean, token, token};
    default:
      return {Kind::number, token, token};
  }
}

bool has_no_values(const Reading& reading) {
  return reading.temperature_c.empty() && reading.humidity.empty() && reading.pressure.empty() &&
         reading.wind_speed.empty() && reading.weather.empty();
}

PlaceReply read_hourly(std::string_view object) {
  const ReplyObject reply(object, {"hourly", "hourly_units.temperature_2m", "hourly_units.wind_speed_10m"});
  if (!reply.ok()) return failure(reply.reason());
  if (reply["hourly"].kind != Kind::object) return failure("no object hourly");
  if (std::string reason = check_units(reply, "hourly_units"); !reason.empty()) return failure(std::move(reason));
  const ReplyObject hourly(reply["hourly"].raw, {"time"}, ReplyObject::Members::read);
  if (!hourly.ok()) return failure(hourly.reason());
  if (hourly["time"].kind != Kind::array) return failure("no array hourly.time");
  std::string reason;
  const std::vector<std::string> times = array_tokens(hourly["time"].raw, reason);
  if (!reason.empty()) return failure(std::move(reason));
  std::vector<Reading> readings(times.size());
  for (std::size_t i = 0; i < times.size(); ++i) {
    const auto time = time_of(value_of(times[i]));
    if (!time) return failure("hourly.time holds something else than Unix times");
    readings[i].time = *time;
  }
  for (const Member& member : hourly.members()) {
    if (member.key == "time") continue;
    const std::string name = printable(member.key, 40);
    if (member.value.kind != Kind::array) return failure("hourly." + name + " is not an array");
    const std::vector<std::string> tokens = array_tokens(member.value.raw, reason);
    if (!reason.empty()) return failure(std::move(reason));
    if (tokens.size() != times.size()) return failure("hourly." + name + " is not as long as hourly.time");
    for (std::size_t i = 0; i < tokens.size(); ++i) {
      const Value value = value_of(tokens[i]);
      const bool known = take_variable(member.key, value, readings[i], reason);
      if (!reason.empty()) return failure("hourly." + reason);
      if (!known) add_extra(readings[i], member.key, value);
    }
  }
  std::erase_if(readings, has_no_values);
  std::ranges::stable_sort(readings, {}, &Reading::time);
  return {std::move(readings), {}};
}

std::vector<PlaceReply> each_place(std::string_view body, std::size_t places, PlaceReply (*read)(std::string_view)) {
  const auto all = [places](const std::string& reason) {
    return std::vector<PlaceReply>(places, PlaceReply{{}, reason});
  };
  const std::size_t start = body.find_first_not_of(" \t\r\n");
  if (start == std::string_view::npos) return all("an empty reply");
  if (body[start] != '[') {
    if (const std::string message = provider_message(body); !message.empty())
      return all("the provider reports: " + message);
    PlaceReply one = read(body);
    if (places == 1 || !one.ok()) return std::vector<PlaceReply>(places, one);
    return all("the reply is for one place only");
  }
  std::string reason;
  const std::vector<std::string> tokens = array_tokens(body, reason);
  if (!reason.empty()) return all(reason);
  if (tokens.size() != places)
    return all("the reply is for " + std::to_string(tokens.size()) + " places, not " + std::to_string(places));
  std::vector<PlaceReply> replies;
  replies.reserve(tokens.size());
  for (const std::string& token : tokens) replies.push_back(read(token));
  return replies;
}

}  // namespace

std::vector<PlaceReply> parse_open_meteo_current(std::string_view body, std::size_t places) {
  return each_place(body, places, read_current);
}

std::vector<PlaceReply> parse_open_meteo_hourly(std::string_view body, std::size_t places) {
  return each_place(body, places, read_hourly);
}

PlacesReply parse_open_meteo_places(std::string_view body) {
  PlacesReply result;
  const ReplyObject reply(body, {"results"});
  if (!reply.ok()) {
    result.reason = reply.reason();
    return result;
  }
  if (const std::string message = provider_message(body); !message.empty()) {
    result.reason = "the provider reports: " + message;
    return result;
  }
  if (!reply["results"].present()) {  // the geocoder omits `results` when it found none
    result.reason = "no such place";
    return result;
  }
  for (const std::string& token : array_tokens(reply["results"].raw, result.reason)) {
    const ReplyObject place(token, {"name", "latitude", "longitude", "country_code", "admin1"});
    if (!place.ok() || !is_number(place["latitude"]) || !is_number(place["longitude"])) {
      result.places.clear();
      result.reason = "a place without coordinates";
      return result;
    }
    result.places.push_back({std::string(place["name"].text), std::string(place["latitude"].raw),
                             std::string(place["longitude"].raw), std::string(place["country_code"].text),
                             std::string(place["admin1"].text)});
  }
  if (result.ok() && result.places.empty()) result.reason = "no such place";
  return result;
}

}  // namespace weir::weather
