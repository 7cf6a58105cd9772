#include "models.hpp"

#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <string>
#include <vector>

#include "catch.hpp"
#include "scaling.hpp"
#include "state/random.hpp"
#include "trainer.hpp"

using namespace weir;
using namespace weir::anomaly_score;

namespace {

Settings settings_of(Method method) {
  Settings settings;
  settings.method = method;
  settings.by = {"site", "device"};
  settings.fields = {"a", "b"};
  settings.model = "models";
  settings.train = "records";
  return settings;
}

/// Two keys: b is about 2 a for the device 0, and about −a for the device 1.
std::vector<Trainer::Model> trained(const Settings& settings, int rows = 400) {
  Trainer trainer(settings);
  RecordParser parser(trainer.fields());
  Random random("rows", 1);
  for (int i = 0; i < rows; ++i) {
    const double a = random.uniform() * 10;
    const double b = (i % 2 == 0 ? 2 * a : -a) + random.uniform();
    const std::string line = R"({"site":"x/y","device":)" + std::to_string(i % 2) + R"(,"a":)" + std::to_string(a) +
                             R"(,"b":)" + std::to_string(b) + "}";
    CHECK_FALSE(trainer.add(*parser.parse_copy(line, 1)).rejected());
  }
  CHECK(trainer.add(*parser.parse_copy(R"({"site":"x","device":1,"a":1})", 1)).rejected());
  return trainer.train();
}

Settings with(Settings settings, const std::string& text) {
  settings.model_files = {{"m", text}};
  return settings;
}

std::string problem_of(const Settings& settings, const std::string& text) {
  try {
    const Models models(with(settings, text));
  } catch (const std::invalid_argument& problem) {
    return problem.what();
  }
  return {};
}

}  // namespace

TEST_CASE("a model's file is named by its key") {
  const std::vector<std::string> by{"site", "device"};
  CHECK(model_file("m/{site}-{device}.json", by, {"x/y", "0"}) == "m/x%2Fy-0.json");
  CHECK(model_file("m/{site}", by, {"..", "0"}) == "m/%2E.");
  CHECK_THROWS_AS(model_file("m/{site}", by, {"", "0"}), std::invalid_argument);
  CHECK_THROWS_AS(model_file("m/{other}", by, {"x", "0"}), std::invalid_argument);
}

TEST_CASE("models of each method are read as they are written, and refused when they are of others") {
  for (const Method method : std::vector<Method>{Method::iforest, Method::svm, Method::pca}) {
    Settings settings = settings_of(method);
    const std::vector<Trainer::Model> models = trained(settings);
    REQUIRE(models.size() == 2);
    CHECK(models[0].values == std::vector<std::string>{"x/y", "0"});
    const std::string text = models[0].line + models[1].line;
    Models read(with(settings, text));
    CHECK(read.size() == 2);
    CHECK(read.find("none") == nullptr);
    CHECK(problem_of(settings, text + text).find("m: line 3: a second model of the same key") != std::string::npos);
    CHECK(problem_of(settings, "").find("no model") != std::string::npos);
    CHECK(problem_of(settings, "{}").find("version 2") != std::string::npos);
    Settings other = settings;
    other.fields = {"b", "a"};
    CHECK(problem_of(other, text).find("of the fields [\"a\",\"b\"]") != std::string::npos);
    other = settings;
    other.by = {"site"};
    CHECK(problem_of(other, text).find("another --by") != std::string::npos);
    other = settings;
    other.method = method == Method::svm ? Method::pca : Method::svm;
    CHECK(problem_of(other, text).find("not of") != std::string::npos);
  }
}

TEST_CASE("any byte that changes in a model is noticed") {
  for (const Method method : std::vector<Method>{Method::iforest, Method::svm, Method::pca}) {
    Settings settings = settings_of(method);
    settings.trees = 2;
    settings.samples = 20;
    const std::string line = trained(settings)[0].line;
    for (std::size_t at = 0; at + 1 < line.size(); at += 7) {
      std::string changed = line;
      changed[at] = changed[at] == '1' ? '2' : '1';
      CHECK_FALSE(problem_of(settings, changed).empty());
    }
    CHECK_FALSE(problem_of(settings, line.substr(0, line.size() / 2)).empty());
  }
}

TEST_CASE("a sealed model with parts that do not fit is refused") {
  const std::string head = R"({"weir_model":2,"method":"svm","key":["x",1],"fields":["a","b"],"rows":9)";
  const std::string svm = R"(,"limit":1,"gamma":1,"rho":1,"means":[0,0],"scales":[1,1],"weights":[1],"vectors":[0,0])";
  const Settings settings = settings_of(Method::svm);
  CHECK(problem_of(settings, sealed(head + svm)).empty());
  const auto without = [&](const std::string& part, const std::string& instead) {
    std::string text = head + svm;
    const std::size_t at = text.find(part);
    REQUIRE(at != std::string::npos);
    return problem_of(settings, sealed(text.replace(at, part.size(), instead)));
  };
  CHECK(without(R"("limit":1)", R"("limit":-1)").find("its limit is -1") != std::string::npos);
  CHECK(without(R"("limit":1)", R"("limit":null)").find("its limit is missing") != std::string::npos);
  CHECK_FALSE(without(R"("gamma":1)", R"("gamma":0)").empty());
  CHECK_FALSE(without(R"("scales":[1,1])", R"("scales":[1,0])").empty());
  CHECK(without(R"("scales":[1,1])", R"("scales":[1])").find("1 numbers, and not 2") != std::string::npos);
  CHECK_FALSE(without(R"("weights":[1])", R"("weights":[])").empty());
  CHECK_FALSE(without(R"("weights":[1])", R"("weights":[-1])").empty());
  CHECK_FALSE(without(R"("vectors":[0,0])", R"("vectors":[0,0,0])").empty());
  CHECK_FALSE(without(R"("vectors":[0,0])", R"("vectors":[0,"x"])").empty());
  CHECK_FALSE(without(R"("vectors":[0,0])", R"("vectors":{})").empty());
}

TEST_CASE("a region and components tell a row that breaks what the fields have in common") {
  for (const Method method : std::vector<Method>{Method::svm, Method::pca}) {
    Settings settings = settings_of(method);
    if (method == Method::pca) settings.variance = 0.8;  // of two fields that go together: one component
    const std::vector<Trainer::Model> models = trained(settings);
    Models read(with(settings, models[0].line));
    FieldSet fields;
    GroupKey group(settings.by, fields);
    RecordParser keys(fields);
    std::string_view bytes;
    REQUIRE_FALSE(group.read(*keys.parse_copy(R"({"site":"x/y","device":0})", 1), bytes).rejected());
    TrainedModel* const model = read.find(bytes);
    REQUIRE(model != nullptr);
    const Finding usual = model->judge(std::vector<double>{5, 10.5}, std::nullopt);
    CHECK(usual.score < 0.5);
    CHECK(usual.cause == Cause::none);
    const Finding apart = model->judge(std::vector<double>{9, 2}, std::nullopt);  // each within its range
    CHECK(apart.score > 0.8);
    CHECK(apart.cause == (method == Method::svm ? Cause::outside : Cause::apart));
    const Finding far = model->judge(std::vector<double>{500, 1000.5}, std::nullopt);
    CHECK(far.score > 0.9);
    CHECK(far.cause == (method == Method::svm ? Cause::outside : Cause::far));
    CHECK(model->judge(std::vector<double>{9, 2}, 1e9).score < 0.5);
  }
}

TEST_CASE("with a contamination that share of the training is beyond the limit; of equal rows none is") {
  for (const Method method : std::vector<Method>{Method::iforest, Method::svm, Method::pca}) {
    Settings settings = settings_of(method);
    settings.contamination = 0.05;
    std::vector<double> values;
    Random random("rows", 2);
    for (int i = 0; i < 1000; ++i) values.push_back(random.uniform() + random.uniform() + random.uniform());
    const std::vector<double> units{0, 0};
    const auto model = train_model({values, 2, units}, settings, 1);
    int beyond = 0;
    for (std::size_t at = 0; at < values.size(); at += 2)
      beyond += model->judge({values.data() + at, 2}, std::nullopt).score >= 0.5 ? 1 : 0;
    CHECK(beyond == 25);
    const std::vector<double> equal(40, 4.0);
    const std::vector<double> whole{1, 1};
    const auto constant = train_model({equal, 2, whole}, settings, 1);
    CHECK(constant->judge(std::vector<double>{4, 4}, std::nullopt).score < 0.5);
    if (method == Method::iforest) continue;  // a forest of equal rows cannot tell other ones
    CHECK(constant->judge(std::vector<double>{4, 5}, std::nullopt).score < 0.5);
    CHECK(constant->judge(std::vector<double>{4, 14}, std::nullopt).score > 0.9);
  }
}

TEST_CASE("of equal records none is beyond the limit of a forest without a contamination") {
  Settings settings = settings_of(Method::iforest);
  settings.contamination.reset();
  for (std::size_t rows = 2; rows <= 300; ++rows) {
    const std::vector<double> equal(2 * rows, 4.0);
    const std::vector<double> whole{1, 1};
    const Finding finding = train_model({equal, 2, whole}, settings, 1)->judge(std::vector<double>{4, 4}, std::nullopt);
    CHECK(finding.score < 0.5);
    CHECK(finding.cause == Cause::none);
  }
}

TEST_CASE("components need more records than a few") {
  const Settings settings = settings_of(Method::pca);
  const std::vector<Trainer::Model> models = trained(settings, 8);
  REQUIRE(models.size() == 2);
  CHECK(models[0].line.empty());
  CHECK(models[0].problem.find("at least 5 records") != std::string::npos);
}

TEST_CASE("one unit of the last digit") {
  CHECK(unit_of("21.50") == 0.01);
  CHECK(unit_of("-3") == 1);
  CHECK(unit_of("1e5") == 0);
}
