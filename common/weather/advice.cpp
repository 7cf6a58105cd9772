#include "weather/advice.hpp"

#include <array>

namespace weir::weather {
namespace {

using P = Phenomenon;

constexpr Phenomena white{P::snow, P::sleet};
constexpr Phenomena dirty_air{P::smoke, P::dust, P::sand, P::ash};

bool from(const std::optional<double>& value, double low) { return value && *value >= low; }
bool up_to(const std::optional<double>& value, double high) { return value && *value <= high; }

/// Whether the value lies in [low, high).
bool between(const std::optional<double>& value, double low, double high) {
  return value && *value >= low && *value < high;
}

/// A shower of snow alone needs no umbrella, as snow does not; other phenomena beside it may.
bool rains(Phenomena seen) {
  return seen.any_of({P::rain, P::drizzle, P::sleet}) || (seen.any_of({P::shower}) && !seen.any_of({P::snow}));
}

constexpr std::array<AdviceRule, 18> table{{
    {"tornado", "the weather names a tornado", "Tornado: take shelter in a solid building now.",
     [](const Conditions&, Phenomena seen) { return seen.any_of({P::tornado}); }},
    {"storm", "the weather names a thunderstorm or squalls", "Thunderstorm or squalls: stay indoors, away from trees.",
     [](const Conditions&, Phenomena seen) {
       return seen.any_of({P::thunderstorm, P::squall});
     }},
    {"gale", "wind of 20.8 m/s or more", "Gale: stay indoors and secure loose things.",
     [](const Conditions& c, Phenomena) { return from(c.wind_speed, threshold::gale_ms); }},
    {"extreme-heat", "35 °C or more", "Dangerous heat: stay in the shade, drink often, look after others.",
     [](const Conditions& c, Phenomena) { return from(c.temperature_c, threshold::extreme_heat_c); }},
    {"extreme-cold", "-15 °C or less", "Dangerous cold: cover your skin and keep outings short.",
     [](const Conditions& c, Phenomena) { return up_to(c.temperature_c, threshold::extreme_cold_c); }},
    {"ice", "the weather names freezing rain or drizzle, or rain, drizzle, showers or sleet at 1 °C or less",
     "Ice on the ground: walk and drive with care.",
     [](const Conditions& c, Phenomena seen) {
       const bool freezing = seen.any_of({P::freezing}) && seen.any_of({P::rain, P::drizzle});
       return freezing || (rains(seen) && up_to(c.temperature_c, threshold::ice_c));
     }},
    {"hail", "the weather names hail", "Hail: bring people, animals and cars under a roof.",
     [](const Conditions&, Phenomena seen) { return seen.any_of({P::hail}); }},
    {"snow", "the weather names snow or sleet", "Snow: wear boots and allow more time.",
     [](const Conditions&, Phenomena seen) { return seen.any_of(white); }},
    {"umbrella", "the weather names rain, drizzle, showers or sleet (not showers of snow)", "Take an umbrella.",
     [](const Conditions&, Phenomena seen) { return rains(seen); }},
    {"heat", "30 °C or more, below 35 °C", "Hot: drink enough and avoid the midday sun.",
     [](const Conditions& c, Phenomena) {
       return between(c.temperature_c, threshold::heat_c, threshold::extreme_heat_c);
     }},
    {"frost", "0 °C or less, above -15 °C", "Frost: dress warmly and protect pipes and plants.",
     [](const Conditions& c, Phenomena) {
       return up_to(c.temperature_c, threshold::frost_c) && !up_to(c.temperature_c, threshold::extreme_cold_c);
     }},
    {"cold", "5 °C or less, above 0 °C", "Cold: wear a warm coat.",
     [](const Conditions& c, Phenomena) {
       return up_to(c.temperature_c, threshold::cold_c) && !up_to(c.temperature_c, threshold::frost_c);
     }},
    {"wind", "wind of 10.8 m/s or more, below 20.8 m/s", "Strong wind: mind loose things and take care on a bicycle.",
     [](const Conditions& c, Phenomena) { return between(c.wind_speed, threshold::wind_ms, threshold::gale_ms); }},
    {"fog", "the weather names fog", "Fog: drive slowly with lights on.",
     [](const Conditions&, Phenomena seen) { return seen.any_of({P::fog}); }},
    {"mist", "the weather names mist or haze, and not fog", "Poor visibility: take care on the road.",
     [](const Conditions&, Phenomena seen) {
       return seen.any_of({P::mist, P::haze}) && !seen.any_of({P::fog});
     }},
    {"dust", "the weather names smoke, dust, sand or ash", "Bad air: close the windows and avoid effort outdoors.",
     [](const Conditions&, Phenomena seen) { return seen.any_of(dirty_air); }},
    {"humid", "humidity of 70 % or more at 25 °C or more", "Close and humid: take it slowly.",
     [](const Conditions& c, Phenomena) {
       return from(c.humidity, threshold::humid_percent) && from(c.temperature_c, threshold::humid_from_c);
     }},
    {"dry", "humidity of 20 % or less", "Very dry air: drink enough and be careful with fire.",
     [](const Conditions& c, Phenomena) { return up_to(c.humidity, threshold::dry_percent); }},
}};

}  // namespace

std::span<const AdviceRule> advice_rules() { return table; }

void append_advice(std::string& out, const Conditions& conditions) {
  const Phenomena seen = phenomena_in(conditions.weather);
  bool first = true;
  for (const AdviceRule& rule : table) {
    if (!rule.applies(conditions, seen)) continue;
    if (!first) out += ' ';
    first = false;
    out += rule.text;
  }
}

std::string advice_for(const Conditions& conditions) {
  std::string text;
  append_advice(text, conditions);
  return text;
}

std::string_view temperature_message(double temperature_c) {
  if (temperature_c <= threshold::extreme_cold_c) return "dangerously cold";
  if (temperature_c <= threshold::frost_c) return "freezing";
  if (temperature_c <= threshold::cold_c) return "cold";
  if (temperature_c <= 15) return "cool";
  if (temperature_c <= 23) return "mild";
  if (temperature_c < threshold::heat_c) return "warm";
  if (temperature_c < threshold::extreme_heat_c) return "hot";
  return "dangerously hot";
}

}  // namespace weir::weather
