#include "restarts.hpp"
#include "thresh_alert.hpp"

using namespace weir;
using namespace weir::thresh_alert;

TEST_CASE("alerts are the same whatever is stopped when") {
  const auto make = [](AlertOutput output) {
    return [output]() -> std::unique_ptr<Filter> {
      RuleOptions rules;
      rules.rules = {"hot: temperature_c > 30 for 2m clear < 25", "often: humidity > 100 3 of 5 cooldown 10m",
                     "silent: absent for 6m"};
      rules.message = "{key}: {value}";
      ThreshAlertSettings settings;
      settings.rules = make_rules(rules);
      settings.by = {"city"};
      settings.output = output;
      settings.max_keys = 6;
      return std::make_unique<ThreshAlert>(std::move(settings));
    };
  };
  for (const std::size_t every : {1, 7, 100}) {
    test::check_restarts(make(AlertOutput::transitions), test::readings(2000, 1), every);
    test::check_restarts(make(AlertOutput::annotate), test::readings(500, 2), every);
  }
}

TEST_CASE("the state of other rules is not taken up") {
  const auto make = [](const char* rule) {
    RuleOptions rules;
    rules.rules = {rule};
    ThreshAlertSettings settings;
    settings.rules = make_rules(rules);
    return std::make_unique<ThreshAlert>(std::move(settings));
  };
  std::string state;
  SnapshotWriter writer(state);
  make("hot: temperature_c > 30")->snapshot(writer);
  SnapshotReader same(state);
  make("hot: temperature_c > 30")->restore(same);
  SnapshotReader other(state);
  CHECK_THROWS_AS(make("cold: temperature_c < 3")->restore(other), SnapshotError);
}
