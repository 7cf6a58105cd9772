#include "restarts.hpp"
#include "thresh_alert.hpp"

using namespace weir;
using namespace weir::thresh_alert;

TEST_CASE("restarts change no alerts") {
  const auto make = [](AlertOutput output) {
    return [output]() -> std::unique_ptr<Filter> {
      Settings settings;
      settings.time.epochs = weir::Epochs::any;
      settings.rules.rules = {"hot: temperature_c > 30 for 2m clear < 25 for 3m expire 10m",
                              "often: humidity > 100 3 of 5 cooldown 10m", "wet: humidity > 90 keep 4m",
                              "silent: absent for 6m"};
      settings.rules.message = "{key}: {value}";
      settings.by = {"city"};
      settings.output = output;
      settings.max_keys = 6;
      return std::make_unique<ThreshAlert>(settings);
    };
  };
  for (const std::size_t every : std::vector<std::size_t>{1, 7, 100}) {
    test::check_restarts(make(AlertOutput::transitions), test::readings(1000, 1), every);
    test::check_restarts(make(AlertOutput::annotate), test::readings(500, 2), every);
  }
}

TEST_CASE("the state of other rules is refused") {
  const auto make = [](const char* rule) {
    Settings settings;
    settings.time.epochs = weir::Epochs::any;
    settings.rules.rules = {rule};
    return std::make_unique<ThreshAlert>(settings);
  };
  const std::string state = test::saved_state(*make("hot: temperature_c > 30"));
  test::load_state(*make("hot: temperature_c > 30"), state);
  CHECK_THROWS_AS(test::load_state(*make("cold: temperature_c < 3"), state), SnapshotError);
}
