// sensor-sim: readings to try a pipe with, the same ones for the same seed.
#include "pipeline/source_main.hpp"
#include "simulation.hpp"

namespace {

using namespace weir;
using namespace weir::sensor_sim;

constexpr std::uint64_t most_sensors = 10'000'000;

void define_options(cli::App& app, Settings& settings, SourceOptions& source) {
  app.example("sensor-sim --weather --city Athens --city Oslo --count 48", "A day of hourly weather in two cities");
  app.example("sensor-sim --weather --cities 36 --start 2016-12-01T00:00:00Z --count 100000 --gaps 0.001",
              "Months of 36 cities, now and then a cell without a value");
  app.example("sensor-sim --sensors 1000 --every 250ms --count 100000", "One value a record, from a thousand sensors");
  app.example("sensor-sim --smart-home --speed 900000 --count 700", "A day of a smart home, a second for ten days");
  app.example("sensor-sim --smart-grid --meters 100 --count 72000 --planted planted.ndjson",
              "Three hours of a hundred electricity meters, and in a file which were stolen from, and when");

  app.group("What is simulated");
  app.flag("--weather", settings.weather,
           "Cities that report their weather, as owm-poll does; without it, plain sensors");
  app.flag("--smart-home", settings.smart_home, "A house that reports every 15 minutes, some of it late");
  app.flag("--smart-grid", settings.smart_grid,
           "Electricity meters that report every 15 seconds, some of which are stolen from");
  app.option("--meters", settings.meters, "How many meters, for --smart-grid")
      .at_least(1)
      .at_most(most_sensors)
      .default_text("1000");
  app.option("--planted", settings.planted, "Write what happens to which meter to this file, for --smart-grid")
      .metavar("FILE")
      .file();
  app.option("--cities", settings.cities, "How many cities, for --weather")
      .at_least(1)
      .at_most(most_sensors)
      .default_text("10");
  app.option("--city", settings.city, "A city of that name, for --weather; again for each").metavar("NAME");
  app.option("--sensors", settings.sensors, "How many plain sensors")
      .at_least(1)
      .at_most(most_sensors)
      .default_text("10");
  app.option("--seed", settings.seed, "The same seed gives the same records on every machine");
  app.option("--gaps", settings.gaps, "Share of the numbers that are null, in runs")
      .at_least(0)
      .at_most(1)
      .metavar("P");

  app.group("Time");
  app.option("--start", settings.start, "Time of the first reading")
      .metavar("TIME")
      .default_text(std::string(usual_start) + ", with --smart-home " + std::string(usual_home_start));
  app.option("--every", settings.every, "Time between the readings of one sensor, on their own clock")
      .default_text("1h with --weather, 15m with --smart-home, 15s with --smart-grid, else 1s");
  app.option("--count", settings.count, "Records in all").default_text("without end").may_change();
  app.option("--rate", settings.rate, "Records a second of real time")
      .metavar("N")
      .default_text("as fast as they are taken")
      .may_change();
  app.option("--speed", settings.speed,
             "How many times faster than the clock the readings' time runs: 900 is a quarter of an hour a second")
      .metavar("N")
      .default_text("as fast as they are taken")
      .may_change();
  app.flag("--realtime", settings.real_time,
           "Readings bear the time of day, and come when it is: from now on, --every apart");
  source.define(app);
}

std::unique_ptr<AnySource> make(const Settings& settings, const SourceOptions&, cli::Context&) {
  return make_simulation(settings);
}

}  // namespace

int main(int argc, char** argv) {
  return weir::source_main(argc, argv, "sensor-sim", "makes seeded, repeatable sensor readings", define_options, make);
}
