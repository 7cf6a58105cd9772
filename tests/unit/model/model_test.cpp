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
    if (!model::is_built_in())
      CHECK(reason.find("no XGBoost") != std::string::npos);
    else if (reason.starts_with("not-there"))
      CHECK(reason == "not-there.json: there is no such file");
    else
      CHECK(reason.find("it is not a model that XGBoost can load: ") != std::string::npos);
  }
}
