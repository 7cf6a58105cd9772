// links: weir_weather weir_record weir_time
// Replies of weather providers: any bytes give readings that become records, or a reason that fits on a line.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "record/json_text.hpp"
#include "record/parser.hpp"
#include "weather/advice.hpp"
#include "weather/providers.hpp"

using namespace weir;
using namespace weir::weather;

namespace {

void require(bool holds) {
  if (!holds) std::abort();
}

void require_message(std::string_view text) {
  require(text.size() < 400 && is_utf8(text));
  for (const char c : text) require(static_cast<unsigned char>(c) >= ' ');
}

/// What is said to be read must be a record, valid token by token, with the seven fields.
void require_records(const PlaceReply& reply) {
  require_message(reply.reason);
  require(reply.ok() || reply.readings.empty());
  FieldSet fields;
  fields.read_members();
  RecordParser parser(fields, Checking::every_token);
  for (const Reading& reading : reply.readings) {
    std::string line;
    append_reading(line, "A", reading, Extras::append);
    require(line.back() == '\n' && line.find('\n') == line.size() - 1);
    line.pop_back();
    const Record* record = parser.parse_copy(line, 1);
    require(record != nullptr && record->members().size() == 7 + reading.extras.size());
    require(record->members()[6].key == "weather");
    advice_for({.weather = reading.weather});
  }
}

void require_places(const PlacesReply& reply) {
  require_message(reply.reason);
  require(reply.ok() == !reply.places.empty());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view body(reinterpret_cast<const char*>(data), size);
  require_records(parse_openweathermap(body));
  for (const std::size_t places : {1U, 2U}) {
    const auto current = parse_open_meteo_current(body, places);
    const auto hourly = parse_open_meteo_hourly(body, places);
    require(current.size() == places && hourly.size() == places);
    for (const PlaceReply& reply : current) require_records(reply);
    for (const PlaceReply& reply : hourly) require_records(reply);
  }
  require_places(parse_openweathermap_places(body));
  require_places(parse_open_meteo_places(body));
  require_message(provider_message(body));
  return 0;
}
