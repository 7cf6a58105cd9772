// XGBoost, by its interface in C. The one file that knows it; without the library it says so.
#include <fmt/format.h>

#include <stdexcept>

#include "model/model.hpp"

#ifdef WEIR_XGBOOST
#include <xgboost/c_api.h>

#include <cstdint>
#include <filesystem>

namespace weir::model {
namespace {

/// The first line of what went wrong; XGBoost adds a stack.
std::string last_error() {
  const std::string text = XGBGetLastError();
  const std::string first = text.substr(0, text.find('\n'));
  const std::size_t at = first.find(": ");  // after the time and the place in its sources
  return at == std::string::npos ? first : first.substr(at + 2);
}

void check(int status) {
  if (status != 0) throw std::runtime_error("XGBoost: " + last_error());
}

class XgboostModel : public Model {
 public:
  explicit XgboostModel(const std::string& path) {
    check(XGBoosterCreate(nullptr, 0, &booster_));
    try {
      check(XGBoosterSetParam(booster_, "nthread", "1"));
      if (XGBoosterLoadModel(booster_, path.c_str()) != 0)
        throw std::runtime_error("it is not a model that XGBoost can load: " + last_error());
      bst_ulong count = 0;
      check(XGBoosterGetNumFeature(booster_, &count));
      inputs_ = count;
      const char** names = nullptr;
      check(XGBoosterGetStrFeatureInfo(booster_, "feature_name", &count, &names));
      names_.assign(names, names + count);
    } catch (...) {
      XGBoosterFree(booster_);
      throw;
    }
  }
  XgboostModel(const XgboostModel&) = delete;
  XgboostModel& operator=(const XgboostModel&) = delete;
  ~XgboostModel() override { XGBoosterFree(booster_); }

  std::size_t inputs() const override { return inputs_; }
  const std::vector<std::string>& names() const override { return names_; }

  std::vector<float> predict(std::span<const float> values, std::size_t rows) override {
    const std::string array = fmt::format(R"({{"data":[{},true],"shape":[{},{}],"typestr":"<f4","version":3}})",
                                          reinterpret_cast<std::uintptr_t>(values.data()), rows, inputs_);
    constexpr const char* config =
        R"({"type":0,"training":false,"iteration_begin":0,"iteration_end":0,"missing":NaN,"strict_shape":true,"cache_id":0})";
    const bst_ulong* shape = nullptr;
    bst_ulong dimensions = 0;
    const float* result = nullptr;
    check(XGBoosterPredictFromDense(booster_, array.c_str(), config, nullptr, &shape, &dimensions, &result));
    std::size_t count = 1;
    for (bst_ulong i = 0; i < dimensions; ++i) count *= shape[i];
    return {result, result + count};
  }

 private:
  BoosterHandle booster_ = nullptr;
  std::size_t inputs_ = 0;
  std::vector<std::string> names_;
};

}  // namespace

std::unique_ptr<Model> read(const std::string& path) {
  if (!std::filesystem::exists(path)) throw std::invalid_argument(path + ": there is no such file");
  try {
    return std::make_unique<XgboostModel>(path);
  } catch (const std::runtime_error& problem) {
    throw std::invalid_argument(fmt::format("{}: {}", path, problem.what()));
  }
}

bool is_built_in() { return true; }

}  // namespace weir::model

#else

namespace weir::model {

std::unique_ptr<Model> read(const std::string& path) {
  throw std::invalid_argument(fmt::format("{}: this build has no XGBoost (Debian: libxgboost-dev)", path));
}

bool is_built_in() { return false; }

}  // namespace weir::model

#endif
