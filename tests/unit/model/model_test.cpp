#include "model/model.hpp"

#include <fstream>
#include <stdexcept>

#include "catch.hpp"

using namespace weir;

TEST_CASE("what is no model is refused with the name of its file") {
  std::ofstream("no-model.json") << "{\"learner\": 1}";
  for (const char* path : {"no-model.json", "not-there.json"}) {
    std::string reason;
    try {
      model::read(path);
    } catch (const std::invalid_argument& problem) {
      reason = problem.what();
    }
    CHECK(reason.starts_with(path));
    CHECK(reason.find(model::is_built_in() ? "XGBoost: " : "no XGBoost") != std::string::npos);
  }
}
