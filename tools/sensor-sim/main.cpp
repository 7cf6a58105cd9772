// sensor-sim: simulated sensor readings, the same ones for the same seed.
#include "pipeline/source_main.hpp"
#include "simulation.hpp"

namespace {

using namespace weir;
using namespace weir::sensor_sim;

constexpr std::uint64_t most_sensors = 10'000'000;

void define_options(cli::App& app, Settings& settings, SourceOptions& source) {
  app.example("sensor-sim --weather --city Athens --city Oslo --count 48", "A day of hourly weather in two cities");
  app.example("sensor-sim --sensors 1000 --every 250ms --count 100000 --gaps 0.001",
              "A thousand sensors, now and then without a value");
  app.example("sensor-sim --smart-grid --meters 100 --count 72000 --planted thefts.ndjson",
              "Three hours of a hundred electricity meters; the thefts are listed in a file");

  app.group("What is simulated");
  app.flag("--weather", settings.weather,
           "Simulate the weather of cities, as owm-poll reports it; without it, plain sensors");
  app.flag("--smart-home", settings.smart_home,
           "Simulate a house that reports every 15 minutes, with some late records");
  app.flag("--smart-grid", settings.smart_grid,
           "Simulate electricity meters that report every 15 seconds, with some thefts");
  app.option("--meters", settings.meters, "Number of meters, for --smart-grid")
      .at_least(1)
      .at_most(most_sensors)
      .default_text("1000");
  app.option("--planted", settings.planted, "Write the incidents of the meters to this file, for --smart-grid").file();
  app.option("--cities", settings.cities, "Number of cities, for --weather")
      .at_least(1)
      .at_most(most_sensors)
      .default_text("10");
  app.option("--city", settings.city, "Simulate this city, for --weather").metavar("NAME");
  app.option("--sensors", settings.sensors, "Number of plain sensors")
      .at_least(1)
      .at_most(most_sensors)
      .default_text("10");
  app.option("--seed", settings.seed, "Seed; the same seed gives the same records on every machine");
  app.option("--gaps", settings.gaps, "Share of the numbers that are null, in runs")
      .at_least(0)
      .at_most(1)
      .metavar("P");

  app.group("Time");
  app.option("--start", settings.start, "Time of the first reading")
      .metavar("TIME")
      .default_text(std::string(usual_start) + ", with --smart-home " + std::string(usual_home_start));
  app.option("--every", settings.every, "Event time between two readings of a sensor")
      .default_text("1h with --weather, 15m with --smart-home, 15s with --smart-grid, else 1s");
  app.option("--count", settings.count, "Number of records").default_text("without end").may_change();
  app.option("--rate", settings.rate, "Records a second").default_text("as fast as they are taken").may_change();
  app.option("--speed", settings.speed,
             "Run event time this many times faster than the clock: 900 is a quarter of an hour a second")
      .default_text("as fast as they are taken")
      .may_change();
  app.flag("--realtime", settings.real_time, "Give readings the current time: the first now, the others --every apart");
  source.define(app);
}

std::unique_ptr<AnySource> make(const Settings& settings, const SourceOptions&, cli::Context&) {
  return make_simulation(settings);
}

}  // namespace

int main(int argc, char** argv) {
  return weir::source_main(argc, argv, "sensor-sim", "makes seeded, repeatable sensor readings", define_options, make);
}
