#include "polyfit_predict.hpp"
#include "restarts.hpp"

using namespace weir;
using namespace weir::polyfit_predict;

TEST_CASE("restarts change no predictions") {
  for (const PredictWhen when : {PredictWhen::at_end, PredictWhen::every_record}) {
    const auto make = [when]() -> std::unique_ptr<Filter> {
      Settings settings;
      settings.time.epochs = weir::Epochs::any;
      settings.by = {"city"};
      settings.fields = {"temperature_c", "humidity"};
      settings.last = 20;
      settings.degree = 2;
      settings.when = when;
      settings.readings = Readings::pass;
      return std::make_unique<PolyfitPredict>(settings);
    };
    for (const std::size_t every : std::vector<std::size_t>{1, 7, 100}) test::check_restarts(make, test::readings(1000, 6), every);
  }
}
