#include "restarts.hpp"
#include "win_calc.hpp"

using namespace weir;
using namespace weir::win_calc;

TEST_CASE("results and revisions are the same whatever is stopped when") {
  for (const Missing missing : {Missing::null, Missing::zero, Missing::wait}) {
    const auto make = [missing]() -> std::unique_ptr<Filter> {
      WinCalcSettings settings;
      settings.calculations = {parse_calculation("rest = a - b"), parse_calculation("more = a > b")};
      settings.by = {"city"};
      settings.missing = missing;
      settings.lateness = std::chrono::minutes(10);
      settings.allow_late = std::chrono::minutes(20);
      settings.rows = Rows::passed_too;
      settings.late = LateRows::write_to_side;
      return std::make_unique<WinCalc>(std::move(settings));
    };
    for (const std::size_t every : {1, 7, 100}) test::check_restarts(make, test::readings(2000, 5), every);
  }
}
