#include "simulation.hpp"

#include <algorithm>
#include <chrono>
#include <stdexcept>
#include <utility>

#include "planted_file.hpp"
#include "sensor_scene.hpp"
#include "sensor_sim.hpp"
#include "smart_grid_scene.hpp"
#include "smart_home_scene.hpp"
#include "time/timestamp.hpp"
#include "weather_scene.hpp"

namespace weir::sensor_sim {
namespace {

constexpr std::uint64_t usual_cities = 10;
constexpr std::uint64_t usual_sensors = 10;
constexpr std::uint64_t usual_meters = 1000;
constexpr Duration usual_weather_step = std::chrono::hours(1);
constexpr Duration usual_sensor_step = std::chrono::seconds(1);

std::optional<Time> start_time(const Settings& settings) {
  const std::string_view usual = settings.smart_home ? usual_home_start : usual_start;
  return TimeParser().parse(settings.start ? std::string_view(*settings.start) : usual);
}

Duration step_of(const Settings& settings) {
  if (settings.smart_home) return SmartHomeScene::step;
  if (settings.smart_grid) return SmartGridScene::interval;
  return settings.every.value_or(settings.weather ? usual_weather_step : usual_sensor_step);
}

void require(bool holds, const std::string& problem) {
  if (!holds) throw std::invalid_argument(problem);
}

void check_cities(const Settings& settings) {
  require(settings.weather || (!settings.cities && settings.city.empty()), "--cities and --city go with --weather");
  require(!settings.weather || !settings.sensors, "--sensors does not go with --weather: use --cities");
  require(!settings.cities || settings.city.empty(), "--cities and --city do not go together");
  for (auto name = settings.city.begin(); name != settings.city.end(); ++name)
    require(std::find(settings.city.begin(), name, *name) == name, "--city " + *name + " is named twice");
}

void check_pace(const Settings& settings) {
  require(start_time(settings).has_value(), "--start: '" + settings.start.value_or("") + "' is not a time");
  require(step_of(settings) > Duration::zero(), "--every must be longer than nothing");
  require(settings.rate.value_or(1) > 0, "--rate must be above 0");
  require(settings.speed.value_or(1) > 0, "--speed must be above 0");
  require(!settings.speed || !settings.rate, "--speed and --rate do not go together");
  require(!settings.real_time || (!settings.start && !settings.rate && !settings.speed),
          "--realtime starts now and has its own pace: without --start, --rate and --speed");
}

void check_systems(const Settings& settings) {
  require(settings.smart_grid || (!settings.meters && settings.planted.empty()),
          "--meters and --planted go with --smart-grid");
  const bool others = settings.weather || settings.sensors || settings.every || settings.gaps > 0 || settings.real_time;
  require(!settings.smart_grid || (!others && !settings.smart_home),
          "--smart-grid is without --weather, --smart-home, --sensors, --every, --gaps and --realtime");
  if (!settings.smart_home) return;
  require(!others, "--smart-home is without --weather, --sensors, --every, --gaps and --realtime");
  require(start_time(settings)->time_since_epoch() % SmartHomeScene::step == Duration::zero(),
          "--start: a smart home reports on the quarter of an hour");
}

std::unique_ptr<Scene> scene_of(const Settings& settings, PlantedFile* planted) {
  const Duration step = step_of(settings);
  if (settings.smart_grid)
    return std::make_unique<SmartGridScene>(settings.meters.value_or(usual_meters), settings.seed, planted);
  if (settings.smart_home) return std::make_unique<SmartHomeScene>(settings.seed);
  if (!settings.weather)
    return std::make_unique<SensorScene>(settings.sensors.value_or(usual_sensors), settings.seed, step, settings.gaps);
  std::vector<City> cities;
  if (settings.city.empty()) cities = first_cities(settings.cities.value_or(usual_cities));
  for (const std::string& name : settings.city) cities.push_back(city_named(name));
  return std::make_unique<WeatherScene>(cities, settings.seed, step, settings.gaps);
}

Time time_of_day() { return std::chrono::floor<Duration>(std::chrono::system_clock::now()); }
Time even_clock() { return Time(std::chrono::steady_clock::now().time_since_epoch()); }

PlaySettings play_of(const Settings& settings) {
  return {.start = settings.real_time ? std::chrono::floor<std::chrono::seconds>(time_of_day()) : *start_time(settings),
          .step = step_of(settings),
          .count = settings.count,
          .rate = settings.rate,
          .speed = settings.speed,
          .real_time = settings.real_time};
}

/// The file is opened first: the scene writes into it.
struct Planted {
  std::unique_ptr<PlantedFile> file;
};

class Simulation : private Planted, public SensorSim {
 public:
  Simulation(const Settings& settings, std::unique_ptr<PlantedFile> planted)
      : Planted{std::move(planted)},
        SensorSim(scene_of(settings, file.get()), play_of(settings), settings.real_time ? time_of_day : even_clock) {}

  void close() override {
    if (file) file->close();
  }
};

}  // namespace

std::unique_ptr<AnySource> make_simulation(const Settings& settings) {
  check_cities(settings);
  check_pace(settings);
  check_systems(settings);
  return std::make_unique<Simulation>(
      settings, settings.planted.empty() ? nullptr : std::make_unique<PlantedFile>(settings.planted));
}

}  // namespace weir::sensor_sim
