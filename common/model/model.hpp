// Trained models that run in this process.
#pragma once
#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace weir::model {

/// A model that gives predictions for rows of numbers. Not for several threads at a time.
class Model {
 public:
  virtual ~Model() = default;

  /// How many inputs a row has.
  virtual std::size_t inputs() const = 0;
  /// Their names, as the model was trained with; empty where it knows none.
  virtual const std::vector<std::string>& names() const = 0;

  /// The predictions of `rows` rows, whose inputs stand one after the other; NaN is a missing one. Each row has as many
  /// predictions as any other. Throws std::runtime_error.
  virtual std::vector<float> predict(std::span<const float> values, std::size_t rows) = 0;
};

/// Reads a model of XGBoost, of its formats JSON (`.json`) and UBJ (`.ubj`). Throws std::invalid_argument where the
/// file is none, and where this build has no XGBoost.
std::unique_ptr<Model> read(const std::string& path);

/// Whether this build has XGBoost.
bool is_built_in();

}  // namespace weir::model
