#include "@FILE@.hpp"
#include "restarts.hpp"

TEST_CASE("a restart changes no results") {
  const auto make = [] { return std::make_unique<weir::@SPACE@::@CLASS@>(weir::@SPACE@::Settings{3}); };
  weir::test::check_restarts(make, weir::test::readings(100, 1), 7);
}
