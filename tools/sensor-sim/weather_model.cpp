#include "weather_model.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>

#include "decimal.hpp"
#include "derived_seed.hpp"
#include "exact_math.hpp"

#include "no_contraction.hpp"

namespace weir::sensor_sim {
namespace {

using namespace std::chrono_literals;

constexpr double seconds_a_day = 86400;
constexpr double days_a_year = 365.2425;

double seconds(Duration length) { return static_cast<double>(length.count()) * 1e-9; }

/// Days since 1970, with fraction.
double days_of(Time time) { return seconds(time.time_since_epoch()) / seconds_a_day; }

/// The number that a normal distribution exceeds with the given probability, found by bisection.
double exceeded_by(double share) {
  double low = -4;
  double high = 4;
  for (int i = 0; i < 60; ++i) {
    const double middle = (low + high) / 2;
    if (1 - normal_share_below(middle) > share) {
      low = middle;
    } else {
      high = middle;
    }
  }
  return low;
}

/// Saturation vapour pressure over water in hPa (Magnus' formula with the constants of Alduchov and Eskridge 1996).
double saturation_hpa(double celsius) { return 6.1094 * exponential(17.625 * celsius / (celsius + 243.04)); }

}  // namespace

Memory Memory::of(Duration step, Duration fades) {
  const double keep = exponential(-std::min(seconds(step) / seconds(fades), 50.0));
  return {keep, std::sqrt(1 - keep * keep)};
}

WeatherMemories::WeatherMemories(Duration step)
    : pressure(Memory::of(step, 30h)),
      moisture(Memory::of(step, 14h)),
      cloud(Memory::of(step, 4h)),
      mood(Memory::of(step, 6h)),
      temperature(Memory::of(step, 60h)),
      wind(Memory::of(step, 8h)) {
  // y' = b·y + (1−b)·x' over an AR(1) x with coefficient a has the variance (1−b)²/(1−b²) · (1+ab)/(1−ab); here a = b.
  const double b = pressure.keep;
  const double variance = (1 - b) * (1 - b) / (1 - b * b) * (1 + b * b) / (1 - b * b);
  pressure_scale = 1 / std::sqrt(variance);
}

WeatherModel::WeatherModel(const City& city, std::uint64_t seed, const WeatherMemories& memories)
    : memories_(&memories), random_(derived_seed(seed, city.name)) {
  const double from_equator = std::abs(city.latitude);
  const double inland = city.continentality;
  longitude_turns_ = city.longitude / 360;
  summer_turns_ = (city.latitude >= 0 ? 200.0 : 17.5) / days_a_year + (1 - inland) * 0.03;  // oceans lag behind
  mean_c_ = 26.5 - 0.006 * from_equator * from_equator + (1 - inland) * 0.04 * from_equator - 3 * inland -
            0.0055 * city.altitude_m;
  year_c_ = 0.9 + from_equator * (0.08 + 0.26 * inland);
  dryness_ = std::clamp(1 - city.wetness * 5, 0.0, 1.0);
  day_c_ = 2.6 + 3.4 * inland + 2.2 * dryness_;
  front_c_ = 1 + 0.06 * from_equator * (0.5 + 0.5 * inland);
  front_hpa_ = 1.8 + 0.14 * from_equator;
  wind_ms_ = 2.1 + 0.9 * (1 - inland);
  rain_from_ = exceeded_by(city.wetness);

  pressure_drive_ = random_.normal();
  pressure_ = random_.normal();
  moisture_ = random_.normal();
  cloud_ = random_.normal();
  mood_ = random_.normal();
  temperature_ = random_.normal();
  wind_east_ = random_.normal();
  wind_north_ = random_.normal();
}

void WeatherModel::advance() {
  const WeatherMemories& m = *memories_;
  const auto step = [this](double& state, const Memory& memory) {
    state = memory.keep * state + memory.add * random_.normal();
  };
  step(pressure_drive_, m.pressure);
  pressure_ = m.pressure.keep * pressure_ + (1 - m.pressure.keep) * pressure_drive_ * m.pressure_scale;
  step(moisture_, m.moisture);
  step(cloud_, m.cloud);
  step(mood_, m.mood);
  step(temperature_, m.temperature);
  step(wind_east_, m.wind);
  step(wind_north_, m.wind);
}

WeatherReading WeatherModel::next(Time time) {
  advance();
  const double days = days_of(time);
  const double year = sine_of_turns(days / days_a_year - summer_turns_ + 0.25);
  const double day = sine_of_turns(days + longitude_turns_ - 15.0 / 24 + 0.25);  // the maximum is at 15 h of solar time

  Air air{};
  air.cloud = 0.75 * moisture_ - 0.5 * pressure_ + 0.43 * cloud_;
  const bool rains = air.cloud > rain_from_;
  const double cover = std::clamp((air.cloud - rain_from_ + 1.6) / 1.6, 0.0, 1.0);
  const double base = mean_c_ + year_c_ * year + front_c_ * (0.9 * temperature_ - 0.35 * pressure_);
  const double noise = 0.25 * random_.normal();
  air.temperature = base + day_c_ * (1 - 0.6 * cover) * day + noise;

  double depression = (3.2 + 8 * dryness_) * std::clamp(1 - 0.42 * moisture_ - 0.12 * air.cloud, 0.05, 2.5);
  if (rains) depression *= 0.45;
  const double dew_point = std::min(base - depression, air.temperature);
  air.humidity = std::clamp(100 * saturation_hpa(dew_point) / saturation_hpa(air.temperature), 4.0, 100.0);

  const double storminess = 0.8 + 0.25 * std::max(0.0, -pressure_) + (rains ? 0.1 : 0.0);
  air.wind = wind_ms_ * storminess * (1 + 0.15 * day) * std::sqrt(wind_east_ * wind_east_ + wind_north_ * wind_north_);

  WeatherReading reading;
  reading.temperature_hundredths = hundredths(air.temperature);
  reading.humidity = std::llround(air.humidity);
  reading.pressure = static_cast<std::int64_t>(1014.5 + front_hpa_ * pressure_ + 0.4 * random_.normal());
  reading.wind_hundredths = hundredths(air.wind);
  reading.weather = description(air);
  return reading;
}

std::string_view WeatherModel::description(const Air& air) const {
  const double rain = air.cloud - rain_from_;
  if (rain > 0) {
    if (air.temperature < 0.5) {
      if (air.temperature > -2 && mood_ > 2) return "freezing rain";
      if (rain > 1.1) return "heavy snow";
      return rain > 0.7 ? "snow" : "light snow";
    }
    if (air.temperature < 1.5) return mood_ > 0 ? "light rain and snow" : "sleet";
    if (air.wind > 14) return "squalls";
    if (air.temperature > 17 && mood_ > 1 && rain > 0.2) {
      if (rain > 1.1) return "thunderstorm with heavy rain";
      return rain > 0.7 ? "thunderstorm with rain" : "thunderstorm with light rain";
    }
    if (rain < 0.1) return mood_ > 0 ? "drizzle" : "light intensity drizzle";
    if (rain > 1.1) return "heavy intensity rain";
    if (rain > 0.7) return "moderate rain";
    return mood_ > 1.2 ? "light intensity shower rain" : "light rain";
  }
  if (air.temperature > 22 && rain > -0.3 && mood_ > 0.8) return "proximity thunderstorm";
  if (air.humidity >= 97 && air.wind < 3) return mood_ > 0.5 ? "fog" : "mist";
  if (air.humidity >= 88 && mood_ > -0.8) return "mist";
  if (dryness_ > 0.8 && air.wind > 9) return "dust";
  if (air.humidity > 50 && air.wind < 2 && pressure_ > 0.2 && mood_ > 0.9) return "haze";
  if (rain > -0.3) return "overcast clouds";
  if (rain > -0.7) return "broken clouds";
  if (rain > -1) return "scattered clouds";
  return rain > -1.3 ? "few clouds" : "sky is clear";
}

void WeatherModel::state(StateArchive& archive) {
  archive.values(random_, pressure_drive_, pressure_, moisture_, cloud_, mood_, temperature_, wind_east_, wind_north_);
}

}  // namespace weir::sensor_sim
