// links: stage_anomaly-score weir_record
// Files of trained models of each method, as they are and with a right checksum: read or refused with words, never
// more. What is read scores every row between 0 and 1, and reads back as it is written.
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "fuzz_expect.hpp"
#include "isolation_forest.hpp"
#include "models.hpp"

using namespace weir;
using namespace weir::anomaly_score;

namespace {

const std::vector<std::vector<double>> rows{{0, 0}, {1e100, -1e100}, {21.5, 3}, {-1, 1e-300}};

void check(const IsolationForest& forest) {
  for (const std::vector<double>& row : rows) {
    const double score = forest.score(row);
    expect(score >= 0 && score <= 1);
  }
  const IsolationForest again(forest.text(), 2, forest.samples(), forest.limit());
  expect(again.text() == forest.text());
  for (const std::vector<double>& row : rows) expect(again.score(row) == forest.score(row));
}

void check(TrainedModel& model, Settings settings) {
  std::string text = R"({"weir_model":2,"method":")" + std::string(method_name(settings.method)) +
                     R"(","key":["x"],"fields":["a","b"])";
  model.append_to(text);
  settings.model_files = {{"again", sealed(text)}};
  std::optional<Models> again;
  try {
    again.emplace(settings);
  } catch (const std::invalid_argument&) {
    expect(false);
  }
  TrainedModel* const other = again->find("\"x\"");
  expect(other != nullptr);
  for (const std::vector<double>& row : rows) {
    const double score = model.judge(row, std::nullopt).score;
    expect(std::isnan(score) || (score >= 0 && score <= 1));
    const double same = other->judge(row, std::nullopt).score;
    expect(score == same || (std::isnan(score) && std::isnan(same)));
  }
}

void check_text(const std::string& text, Method method) {
  Settings settings;
  settings.method = method;
  settings.by = {"device"};
  settings.fields = {"a", "b"};
  settings.model_files = {{"models", text}};
  try {
    Models models(settings);
    expect(models.size() > 0);
    if (TrainedModel* model = models.find("\"x\"")) check(*model, settings);
  } catch (const std::invalid_argument& error) {
    expect(*error.what() != '\0');
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  // A model that ends in a brace gets a checksum before it, so that the search passes the one that does not fit.
  const std::size_t brace = text.find_last_of('}');
  for (const Method method : {Method::iforest, Method::svm, Method::pca}) {
    check_text(text, method);
    if (brace != std::string::npos) check_text(sealed(text.substr(0, brace)), method);
  }
  try {
    check(IsolationForest(text, 2, 8, 0.5));
  } catch (const std::invalid_argument& error) {
    expect(*error.what() != '\0');
  }
  return 0;
}
