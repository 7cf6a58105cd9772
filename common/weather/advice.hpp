// Advice for people from a reading: one table of rules, used by advise, summary-mail and the dashboard.
#pragma once
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace weir::weather {

/// A reading, as far as it is known.
struct Conditions {
  std::optional<double> temperature_c;  ///< °C
  std::optional<double> humidity;       ///< %
  std::optional<double> pressure;       ///< hPa
  std::optional<double> wind_speed;     ///< m/s
  std::string_view weather;             ///< OpenWeatherMap's words, such as `light rain`; empty when unknown
};

/// A rule of the table.
struct AdviceRule {
  std::string_view name;  ///< `umbrella`, `heat`, …: stable, for machines
  std::string_view when;  ///< the condition in words, for the manual
  std::string_view text;  ///< the advice, a short sentence
  bool (*applies)(const Conditions&);
};

/// The table, most urgent first.
std::span<const AdviceRule> advice_rules();

/// The texts of all rules that apply, most urgent first, joined by a blank; empty when none does.
std::string advice_for(const Conditions& conditions);

}  // namespace weir::weather
