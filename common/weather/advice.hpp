// Advice for people from a reading: one table of rules, used by weather-advise, summary-mail and the dashboard.
#pragma once
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "weather/phenomena.hpp"

namespace weir::weather {

/// The values of a reading that are known.
struct Conditions {
  std::optional<double> temperature_c{};  ///< °C
  std::optional<double> humidity{};       ///< %
  std::optional<double> pressure{};       ///< hPa
  std::optional<double> wind_speed{};     ///< m/s
  std::string_view weather{};             ///< OpenWeatherMap's description, such as `light rain`; empty when unknown
};

/// The thresholds of the rules. Wind is the ten-minute mean at 10 m; its limits are those of the Beaufort scale: force
/// 6, strong breeze, begins at 10.8 m/s; force 9, strong gale, at 20.8 m/s.
namespace threshold {
inline constexpr double extreme_heat_c = 35;   ///< this and above
inline constexpr double heat_c = 30;           ///< this and above, below extreme heat
inline constexpr double cold_c = 5;            ///< this and below, above frost
inline constexpr double frost_c = 0;           ///< this and below, above extreme cold
inline constexpr double extreme_cold_c = -15;  ///< this and below
inline constexpr double ice_c = 1;             ///< rain at or below this can freeze on the ground
inline constexpr double gale_ms = 20.8;        ///< this and above
inline constexpr double wind_ms = 10.8;        ///< this and above, below a gale
inline constexpr double humid_percent = 70;    ///< this and above, in warm air
inline constexpr double humid_from_c = 25;
inline constexpr double dry_percent = 20;  ///< this and below
}  // namespace threshold

/// A rule of the table.
struct AdviceRule {
  std::string_view name;  ///< `umbrella`, `heat`, …: a stable name for machines
  std::string_view when;  ///< the condition as text, for the manual
  std::string_view text;  ///< the advice, a short sentence
  /// `seen` is phenomena_in(conditions.weather).
  bool (*applies)(const Conditions& conditions, Phenomena seen);
};

/// The table, most urgent first.
std::span<const AdviceRule> advice_rules();

/// Appends the texts of all rules that apply, most urgent first, joined by a blank; nothing when none does.
void append_advice(std::string& out, const Conditions& conditions);

/// As append_advice(), in a new string; empty when no rule applies.
std::string advice_for(const Conditions& conditions);

/// A description of how a temperature in °C feels, such as `mild`, for the field temp_message.
std::string_view temperature_message(double temperature_c);

}  // namespace weir::weather
