// Advice for people from a reading: one table of rules, used by weather-advise, summary-mail and the dashboard.
#pragma once
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "weather/words.hpp"

namespace weir::weather {

/// A reading, as far as it is known.
struct Conditions {
  std::optional<double> temperature_c{};  ///< °C
  std::optional<double> humidity{};       ///< %
  std::optional<double> pressure{};       ///< hPa
  std::optional<double> wind_speed{};     ///< m/s
  std::string_view weather{};             ///< OpenWeatherMap's words, such as `light rain`; empty when unknown
};

/// The thresholds of the rules. Wind is the ten-minute mean at 10 m; its limits are those of the Beaufort scale: force
/// 6, strong breeze, begins at 10.8 m/s; force 9, strong gale, at 20.8 m/s.
namespace threshold {
inline constexpr double extreme_heat_c = 35;   ///< from here on
inline constexpr double heat_c = 30;           ///< from here on, below extreme heat
inline constexpr double cold_c = 5;            ///< up to here, above frost
inline constexpr double frost_c = 0;           ///< up to here, above extreme cold
inline constexpr double extreme_cold_c = -15;  ///< up to here
inline constexpr double ice_c = 1;             ///< rain falling up to here can freeze on the ground
inline constexpr double gale_ms = 20.8;        ///< from here on
inline constexpr double wind_ms = 10.8;        ///< from here on, below a gale
inline constexpr double humid_percent = 70;    ///< from here on, in warm air
inline constexpr double humid_from_c = 25;
inline constexpr double dry_percent = 20;  ///< up to here
}  // namespace threshold

/// A rule of the table.
struct AdviceRule {
  std::string_view name;  ///< `umbrella`, `heat`, …: stable, for machines
  std::string_view when;  ///< the condition in words, for the manual
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

/// A few words on how a temperature in °C feels, such as `mild`; for the field temp_message.
std::string_view temperature_message(double temperature_c);

}  // namespace weir::weather
