#include "restarts.hpp"
#include "win_calc.hpp"

using namespace weir;
using namespace weir::win_calc;

TEST_CASE("restarts change no results and no revisions") {
  for (const Missing missing : {Missing::null, Missing::zero, Missing::wait}) {
    const auto make = [missing]() -> std::unique_ptr<Filter> {
      Settings settings;
      settings.time.epochs = weir::Epochs::any;
      settings.calculations = {"rest = a - b", "more = a > b"};
      settings.by = {"city"};
      settings.missing = missing;
      settings.lateness = std::chrono::minutes(10);
      settings.allow_late = std::chrono::minutes(20);
      settings.rows = Rows::passed_too;
      settings.late = {"late"};
      return std::make_unique<WinCalc>(std::move(settings));
    };
    for (const std::size_t every : std::vector<std::size_t>{1, 7, 100}) test::check_restarts(make, test::readings(1000, 5), every);
  }
}
