#include "anomaly_score.hpp"
#include "restarts.hpp"

using namespace weir;
using namespace weir::anomaly_score;

TEST_CASE("restarts change no scores") {
  const auto check = [](const Settings& given) {
    const auto make = [given]() -> std::unique_ptr<Filter> {
      Settings settings = given;
      settings.time.epochs = weir::Epochs::any;
      settings.by = {"city"};
      settings.min_samples = 5;
      settings.late = {"late"};
      return std::make_unique<AnomalyScore>(settings);
    };
    for (const std::size_t every : std::vector<std::size_t>{1, 7, 100})
      test::check_restarts(make, test::readings(1000, 9), every);
  };
  Settings settings;
  settings.fields = {"temperature_c", "humidity"};
  for (const Method method : {Method::z, Method::novelty, Method::ensemble}) {
    settings.method = method;
    settings.hold = method == Method::z ? "3" : "20m";
    settings.escalate = 1.3;
    settings.no_learn_above = 0.7;
    settings.memory = 24;
    check(settings);
  }
  settings.method = Method::rcf;
  settings.trees = 5;
  settings.samples = 16;
  settings.window = 2;
  check(settings);
  settings = {};
  settings.fields = {"temperature_c"};
  settings.form = Form::running;
  settings.statistics = true;
  check(settings);
}
