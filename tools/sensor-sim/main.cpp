// sensor-sim: readings to try a pipe with, the same ones for the same seed.
#include <algorithm>

#include "cli/app.hpp"
#include "pipeline/run.hpp"
#include "planted_file.hpp"
#include "sensor_scene.hpp"
#include "sensor_sim.hpp"
#include "smart_grid_scene.hpp"
#include "smart_home_scene.hpp"
#include "time/timestamp.hpp"
#include "weather_scene.hpp"

namespace {

using namespace weir;
using namespace weir::sensor_sim;

constexpr std::uint64_t most_sensors = 10'000'000;

struct Options {
  bool weather = false;
  bool smart_home = false;
  bool smart_grid = false;
  std::optional<std::uint64_t> meters;
  std::string planted;
  std::optional<std::uint64_t> cities;
  std::vector<std::string> city;
  std::optional<std::uint64_t> sensors;
  std::uint64_t seed = 1;
  double gaps = 0;
  std::optional<std::string> start;
  std::optional<Duration> every;
  std::optional<std::uint64_t> count;
  std::optional<double> rate;
  std::optional<double> speed;
  bool real_time = false;
  SourceOptions source;
};

constexpr std::uint64_t usual_cities = 10;
constexpr std::uint64_t usual_sensors = 10;
constexpr std::uint64_t usual_meters = 1000;
constexpr Duration usual_weather_step = std::chrono::hours(1);
constexpr Duration usual_sensor_step = std::chrono::seconds(1);
constexpr std::string_view usual_start = "2026-01-01T00:00:00Z";
constexpr std::string_view usual_home_start = "2020-01-01T00:15:00Z";

void define_options(cli::App& app, Options& options) {
  app.example("sensor-sim --weather --city Athens --city Oslo --count 48", "A day of hourly weather in two cities");
  app.example("sensor-sim --weather --cities 36 --start 2016-12-01T00:00:00Z --count 100000 --gaps 0.001",
              "Months of 36 cities, now and then a cell without a value");
  app.example("sensor-sim --sensors 1000 --every 250ms --count 100000", "One value a record, from a thousand sensors");
  app.example("sensor-sim --smart-home --speed 900000 --count 700", "A day of a smart home, a second for ten days");
  app.example("sensor-sim --smart-grid --meters 100 --count 72000 --planted planted.ndjson",
              "Three hours of a hundred electricity meters, and in a file which were stolen from, and when");

  app.group("What is simulated");
  app.flag("--weather", options.weather,
           "Cities that report their weather, as owm-poll does; without it, plain sensors");
  app.flag("--smart-home", options.smart_home, "A house that reports every 15 minutes, some of it late");
  app.flag("--smart-grid", options.smart_grid,
           "Electricity meters that report every 15 seconds, some of which are stolen from");
  app.option("--meters", options.meters, "How many meters, for --smart-grid")
      .at_least(1)
      .at_most(most_sensors)
      .default_text("1000");
  app.option("--planted", options.planted, "Write what happens to which meter to this file, for --smart-grid")
      .metavar("FILE")
      .file();
  app.option("--cities", options.cities, "How many cities, for --weather")
      .at_least(1)
      .at_most(most_sensors)
      .default_text("10");
  app.option("--city", options.city, "A city of that name, for --weather; again for each").metavar("NAME");
  app.option("--sensors", options.sensors, "How many plain sensors")
      .at_least(1)
      .at_most(most_sensors)
      .default_text("10");
  app.option("--seed", options.seed, "The same seed gives the same records on every machine");
  app.option("--gaps", options.gaps, "Share of the numbers that are null, in runs").at_least(0).at_most(1).metavar("P");

  app.group("Time");
  app.option("--start", options.start, "Time of the first reading")
      .metavar("TIME")
      .default_text(std::string(usual_start) + ", with --smart-home " + std::string(usual_home_start));
  app.option("--every", options.every, "Time between the readings of one sensor, on their own clock")
      .default_text("1h with --weather, 15m with --smart-home, 15s with --smart-grid, else 1s");
  app.option("--count", options.count, "Records in all").default_text("without end").may_change();
  app.option("--rate", options.rate, "Records a second of real time")
      .metavar("N")
      .default_text("as fast as they are taken")
      .may_change();
  app.option("--speed", options.speed,
             "How many times faster than the clock the readings' time runs: 900 is a quarter of an hour a second")
      .metavar("N")
      .default_text("as fast as they are taken")
      .may_change();
  app.flag("--realtime", options.real_time,
           "Readings bear the time of day, and come when it is: from now on, --every apart");
  options.source.define(app);
}

std::optional<Time> start_time(const Options& options) {
  const std::string_view usual = options.smart_home ? usual_home_start : usual_start;
  return TimeParser().parse(options.start ? std::string_view(*options.start) : usual);
}

Duration step_of(const Options& options) {
  if (options.smart_home) return sensor_sim::SmartHomeScene::step;
  if (options.smart_grid) return sensor_sim::SmartGridScene::interval;
  return options.every.value_or(options.weather ? usual_weather_step : usual_sensor_step);
}

void validate_home(const Options& options) {
  if (options.weather || options.sensors || options.every || options.gaps > 0 || options.real_time)
    throw cli::UsageError("--smart-home is without --weather, --sensors, --every, --gaps and --realtime");
  if (start_time(options)->time_since_epoch() % sensor_sim::SmartHomeScene::step != Duration::zero())
    throw cli::UsageError("--start: a smart home reports on the quarter of an hour");
}

void validate_grid(const Options& options) {
  if (options.weather || options.smart_home || options.sensors || options.every || options.gaps > 0 ||
      options.real_time)
    throw cli::UsageError("--smart-grid is without --weather, --smart-home, --sensors, --every, --gaps and --realtime");
}

void validate(const Options& options) {
  if (!options.smart_grid && (options.meters || !options.planted.empty()))
    throw cli::UsageError("--meters and --planted go with --smart-grid");
  if (!options.weather && (options.cities || !options.city.empty()))
    throw cli::UsageError("--cities and --city go with --weather");
  if (options.weather && options.sensors) throw cli::UsageError("--sensors does not go with --weather: say --cities");
  if (options.cities && !options.city.empty()) throw cli::UsageError("--cities and --city do not go together");
  for (auto name = options.city.begin(); name != options.city.end(); ++name)
    if (std::find(options.city.begin(), name, *name) != name)
      throw cli::UsageError("--city " + *name + " is named twice");
  if (!start_time(options)) throw cli::UsageError("--start: '" + *options.start + "' is not a time");
  if (step_of(options) <= Duration::zero()) throw cli::UsageError("--every must be longer than nothing");
  if (options.rate && !(*options.rate > 0)) throw cli::UsageError("--rate must be above 0");
  if (options.speed && !(*options.speed > 0)) throw cli::UsageError("--speed must be above 0");
  if (options.speed && options.rate) throw cli::UsageError("--speed and --rate do not go together");
  if (options.real_time && (options.start || options.rate || options.speed))
    throw cli::UsageError("--realtime starts now and has its own pace: without --start, --rate and --speed");
  if (options.smart_grid) return validate_grid(options);
  if (options.smart_home) validate_home(options);
}

std::unique_ptr<sensor_sim::Scene> scene_of(const Options& options, PlantedFile* planted) {
  const Duration step = step_of(options);
  if (options.smart_grid) {
    return std::make_unique<sensor_sim::SmartGridScene>(options.meters.value_or(usual_meters), options.seed, planted);
  }
  if (options.smart_home) return std::make_unique<sensor_sim::SmartHomeScene>(options.seed);
  if (!options.weather)
    return std::make_unique<sensor_sim::SensorScene>(options.sensors.value_or(usual_sensors), options.seed, step,
                                              options.gaps);
  std::vector<sensor_sim::City> cities;
  if (options.city.empty()) cities = sensor_sim::first_cities(options.cities.value_or(usual_cities));
  for (const std::string& name : options.city) cities.push_back(sensor_sim::city_named(name));
  return std::make_unique<sensor_sim::WeatherScene>(cities, options.seed, step, options.gaps);
}

cli::Exit run(const Options& options, cli::Context& context) {
  const auto time_of_day = [] { return std::chrono::floor<Duration>(std::chrono::system_clock::now()); };
  const auto even_clock = [] { return Time(std::chrono::steady_clock::now().time_since_epoch()); };
  PlaySettings settings;
  settings.start = options.real_time ? std::chrono::floor<std::chrono::seconds>(time_of_day()) : *start_time(options);
  settings.step = step_of(options);
  settings.count = options.count;
  settings.rate = options.rate;
  settings.speed = options.speed;
  settings.real_time = options.real_time;
  std::optional<PlantedFile> planted;
  if (!options.planted.empty()) planted.emplace(options.planted);
  SensorSim source(scene_of(options, planted ? &*planted : nullptr), settings,
                   options.real_time ? SensorSim::Clock(time_of_day) : SensorSim::Clock(even_clock));
  const cli::Exit exit = run_source(source, options.source, context);
  if (planted) planted->close();
  return exit;
}

}  // namespace

int main(int argc, char** argv) {
  return weir::cli::main_of<Options>(argc, argv, "sensor-sim", "makes seeded, repeatable sensor readings",
                                     define_options, validate, run);
}
