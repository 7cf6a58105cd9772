// A weather reading, between a provider's reply and a record.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "time/time_types.hpp"

namespace weir::weather {

/// A provider's values for one place at one time. Numbers are JSON tokens with the provider's digits; an empty one is
/// not known.
struct Reading {
  Time time{};
  std::string temperature_c;  ///< °C
  std::string humidity;       ///< %
  std::string pressure;       ///< hPa, at sea level
  std::string wind_speed;     ///< m/s
  std::string weather;        ///< description such as `light rain`; empty when unknown
  /// The other values of the reply: name and JSON token, in a documented order.
  std::vector<std::pair<std::string, std::string>> extras;
};

/// Whether a record has Reading::extras after the seven fields.
enum class Extras : std::uint8_t { leave_out, append };

/// Appends the record `{"timestamp","city","temperature_c","humidity","pressure","wind_speed","weather"}` and a
/// newline; an unknown value is null.
void append_reading(std::string& out, std::string_view city, const Reading& reading, Extras extras = Extras::leave_out);

}  // namespace weir::weather
