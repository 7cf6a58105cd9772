// libsvm, by its interface in C. The one file that knows it.
#include "svm/one_class.hpp"

#include <libsvm/svm.h>

#include <algorithm>
#include <cmath>
#include <memory>
#include <stdexcept>

namespace weir::svm {
namespace {

constexpr double cache_megabytes = 64;

struct FreeModel {
  void operator()(svm_model* model) const { svm_free_and_destroy_model(&model); }
};

}  // namespace

OneClass::OneClass(std::span<const double> values, std::size_t width, const Training& training)
    : width_(width), gamma_(training.gamma) {
  if (!(training.nu > 0 && training.nu < 1 && training.gamma > 0))
    throw std::invalid_argument("nu or gamma is not usable");
  const std::size_t rows = values.size() / width;
  std::vector<svm_node> nodes;
  nodes.reserve(rows * (width + 1));
  std::vector<svm_node*> starts;
  std::vector<double> labels(rows, 1);
  for (std::size_t row = 0; row < rows; ++row) {
    starts.push_back(nodes.data() + nodes.size());
    for (std::size_t i = 0; i < width; ++i) nodes.push_back({static_cast<int>(i + 1), values[row * width + i]});
    nodes.push_back({-1, 0});
  }
  svm_problem problem{static_cast<int>(rows), labels.data(), starts.data()};
  svm_parameter parameter{};
  parameter.svm_type = ONE_CLASS;
  parameter.kernel_type = RBF;
  parameter.gamma = training.gamma;
  parameter.nu = training.nu;
  parameter.eps = training.tolerance;
  parameter.cache_size = cache_megabytes;
  parameter.shrinking = 1;
  svm_set_print_string_function([](const char*) {});  // else it writes its progress to stdout
  if (const char* wrong = svm_check_parameter(&problem, &parameter)) throw std::invalid_argument(wrong);
  const std::unique_ptr<svm_model, FreeModel> model(svm_train(&problem, &parameter));
  rho_ = model->rho[0];
  weights_.assign(model->sv_coef[0], model->sv_coef[0] + model->l);
  for (int i = 0; i < model->l; ++i)
    for (std::size_t at = 0; at < width; ++at) vectors_.push_back(model->SV[i][at].value);
  check();
}

OneClass::OneClass(std::vector<double> weights, std::vector<double> vectors, std::size_t width, double gamma,
                   double rho)
    : width_(width), gamma_(gamma), rho_(rho), weights_(std::move(weights)), vectors_(std::move(vectors)) {
  check();
}

void OneClass::check() const {
  const auto positive = [](double value) { return value > 0 && std::isfinite(value); };
  if (!positive(gamma_) || !positive(rho_)) throw std::invalid_argument("its gamma or rho is not above 0");
  if (weights_.empty() || vectors_.size() != weights_.size() * width_)
    throw std::invalid_argument("its support vectors are not as many as its weights");
  if (!std::all_of(weights_.begin(), weights_.end(), positive))
    throw std::invalid_argument("one of its weights is not above 0");
}

double OneClass::density(std::span<const double> row) const {
  double sum = 0;
  const double* vector = vectors_.data();
  for (const double weight : weights_) {
    double distance = 0;
    for (std::size_t i = 0; i < width_; ++i) {
      const double difference = row[i] - vector[i];
      distance += difference * difference;
    }
    sum += weight * std::exp(-gamma_ * distance);
    vector += width_;
  }
  return sum;
}

}  // namespace weir::svm
